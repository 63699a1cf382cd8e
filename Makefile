# Every target makes the virtual environment that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-slow check bench model figures install clean

run: $(VENV)/run
	$(BIN)/python -m app $(ARGS)

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-slow: $(VENV)/dev
	$(BIN)/python -m pytest -m slow $(ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.model
	$(BIN)/python -m benchmarks.live

# Remakes a bundled model from the pictures in $(DATA): photos-train.tar, photos-more.tar, photos-val.tar,
# renders-train.tar. Minutes on a GPU; without one, MODEL=bedroom-64 takes some hours. bedroom-128 is tuned from a
# denoiser that is blended with one that was distilled from it.
DATA ?= data
MODEL ?= bedroom-128
BUNDLED := assets/models/$(MODEL).safetensors
model: $(VENV)/dev
ifeq ($(MODEL),bedroom-128)
	$(BIN)/python -m training training/configs/$(MODEL)-denoiser.toml --set data.root=$(DATA)
	$(BIN)/python -m training training/configs/$(MODEL)-walk.toml --set data.root=$(DATA)
	mkdir -p runs/$(MODEL)-start
	$(BIN)/python -m training.blend runs/$(MODEL)-denoiser/model.safetensors runs/$(MODEL)-walk/model.safetensors \
		--share 0.25 --guidance 1.5 --out runs/$(MODEL)-start/model.safetensors
endif
	$(BIN)/python -m training training/configs/$(MODEL).toml --set data.root=$(DATA)
	cp runs/$(MODEL)/model.safetensors $(BUNDLED)
	$(BIN)/python -m training.search_schedules $(BUNDLED) --data $(DATA)/photos-val.tar --search-on $(DATA)/photos-train.tar --write

# Remakes the pictures and tables of docs/ from the bundled model; the tables need photos-train.tar and photos-val.tar.
figures: $(VENV)/dev
	$(BIN)/python -m app.gallery
	$(BIN)/python -m app.edit_gallery
	$(BIN)/python -m training.evaluate $(BUNDLED) --data $(DATA)/photos-val.tar
	$(BIN)/python -m training.search_schedules $(BUNDLED) --data $(DATA)/photos-val.tar --keep

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
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
