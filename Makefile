# Every target makes the virtual environment that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-slow faults fuzz soak check bench model figures wheel install clean

run: $(VENV)/run
	$(BIN)/python -m app $(ARGS)

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-slow: $(VENV)/dev
	$(BIN)/python -m pytest -m slow $(ARGS)

# Kills a training and the command line at 200 random moments: minutes. ARGS="--kills 20 --seed 1" for other ones.
faults: $(VENV)/dev
	$(BIN)/python -m tests.faults $(ARGS)

# Sends 100,000 hostile inputs to the borders of the program: an hour or two. A quarter of EXAMPLES goes to each usual
# test. Those that fail are kept, and `.venv/bin/python -m pytest tests/fuzz` makes them small. EXAMPLES=800 for minutes.
EXAMPLES ?= 11000
fuzz: $(VENV)/dev
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/fuzz --hypothesis-profile=fuzz --hypothesis-show-statistics $(ARGS)

# Fifty visitors paint, ten minutes among themselves and ten with a hostile one. ARGS="--visitors 5 --minutes 2" for less.
soak: $(VENV)/dev
	$(BIN)/python -m benchmarks.soak $(ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/biome lint --error-on-warnings

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.model
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.published --network imagenet64

# Remakes the bundled model from the pictures in $(DATA): photos-train.tar, photos-more.tar, photos-val.tar,
# renders-train.tar. A denoiser is blended with what was distilled from it; the blend is tuned against a critic.
DATA ?= data
CONFIGS := training/configs/bedroom-128
RUN := runs/bedroom-128
BUNDLED := assets/models/bedroom-128.safetensors
model: $(VENV)/dev
	$(BIN)/python -m training $(CONFIGS)-denoiser.toml --set data.root=$(DATA)
	$(BIN)/python -m training $(CONFIGS)-walk.toml --set data.root=$(DATA)
	mkdir -p $(RUN)-start
	$(BIN)/python -m training.blend $(RUN)-denoiser/model.safetensors $(RUN)-walk/model.safetensors \
		--share 0.25 --guidance 1.5 --out $(RUN)-start/model.safetensors
	$(BIN)/python -m training $(CONFIGS).toml --set data.root=$(DATA)
	cp $(RUN)/model.safetensors $(BUNDLED)
	$(BIN)/python -m training.search_schedules $(BUNDLED) --data $(DATA)/photos-val.tar --search-on $(DATA)/photos-train.tar --write

# Remakes the pictures of docs/, those that the page opens with, and the tables of docs/ from the bundled model; the
# tables need photos-train.tar and photos-val.tar.
figures: $(VENV)/dev
	$(BIN)/python -m app.gallery --model $(BUNDLED)
	$(BIN)/python -m app.gallery --model $(BUNDLED) --made assets/made
	$(BIN)/python -m training.evaluate $(BUNDLED) --data $(DATA)/photos-val.tar
	$(BIN)/python -m training.search_schedules $(BUNDLED) --data $(DATA)/photos-val.tar --keep
	$(BIN)/python -m training.colour_axes $(BUNDLED) --data $(DATA)/photos-val.tar --count 60

# What `pip install dist/onestroke-*.whl` takes. Without the folder that an older build left: its files would go in, too.
wheel: $(VENV)/dev
	rm -rf build
	$(BIN)/pip wheel --quiet . --no-deps --no-build-isolation --wheel-dir dist
	rm -rf build

install: $(VENV)/dev

$(VENV)/run: requirements.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@ $(VENV)/run

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
