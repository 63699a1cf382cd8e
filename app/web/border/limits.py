"""What one address may ask of the server, and all addresses together: on one's own computer, and on the open web."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Numbers of the border. An address is an IPv4 address or the first 64 bits of an IPv6 address."""

    requests_per_s: float  # of one address, in the long run; loading the page takes some 60
    burst: int  # requests of one address at once, after a pause
    processor_share: float  # of the event loop's processor, for one address in the long run; a stroke takes some 5 ms
    processor_burst_s: float  # seconds of it for one address at once, after a pause
    in_flight: int  # requests of one address that are being answered; a waiting page holds one or two
    connections: int  # open connections of one address; a browser holds up to six
    all_connections: int
    places: int  # requests of one address that wait for the model or are being computed
    upload_bytes: int  # files of one address that are stored at the same time
    all_upload_bytes: int
    zip_bytes: int  # zip files of batches of one address that wait to be fetched, and those being written
    all_zip_bytes: int


LOCAL = Limits(
    requests_per_s=500,
    burst=5000,
    processor_share=1.0,
    processor_burst_s=10.0,
    in_flight=200,
    connections=400,
    all_connections=800,
    places=64,
    upload_bytes=4_000 * MEGABYTE,
    all_upload_bytes=4_000 * MEGABYTE,
    zip_bytes=16_000 * MEGABYTE,
    all_zip_bytes=16_000 * MEGABYTE,
)
PUBLIC = Limits(
    requests_per_s=20,
    burst=300,
    processor_share=0.2,
    processor_burst_s=0.5,
    in_flight=32,
    connections=40,
    all_connections=800,
    places=8,
    upload_bytes=500 * MEGABYTE,
    all_upload_bytes=4_000 * MEGABYTE,
    zip_bytes=1_000 * MEGABYTE,
    all_zip_bytes=4_000 * MEGABYTE,
)
