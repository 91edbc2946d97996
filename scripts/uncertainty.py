"""The simulations behind docs/uncertainty.md, and the expected values of the tests of intervals.

    python3 scripts/uncertainty.py coverage    how often intervals of a mean cover a mean that is known
    python3 scripts/uncertainty.py types       the same for means of the means of types
    python3 scripts/uncertainty.py ranks       the same for votes and ranks of pools
    python3 scripts/uncertainty.py golden      the numbers in Tests/LeaderboardTests/Statistics

Needs numpy and scipy. Every sample is drawn anew; the draws of the bootstrap are those of one seed,
as in the program.
"""
import sys

import numpy as np
from scipy import stats

LEVEL, TAIL = 0.95, 0.025
Z = stats.norm.ppf(1 - TAIL)


def some_zero(share, draw):
    def mixed(rng, shape):
        values = draw(rng, shape)
        values[rng.random(shape) < share] = 0
        return values
    return mixed


def signed(wins, rng, shape):
    return np.where(rng.random(shape) < wins, 1, -1) * rng.beta(1, 2, shape)


# name: (how to draw, the mean)
KINDS = {
    "normal": (lambda r, s: r.normal(0.3, 1, s), 0.3),
    "gamma, skewness 1": (lambda r, s: r.gamma(4, 1, s), 4),
    "exponential, skewness 2": (lambda r, s: r.exponential(1, s), 1),
    "lognormal, skewness 6": (lambda r, s: r.lognormal(0, 1, s), np.exp(0.5)),
    "t with 3 degrees": (lambda r, s: r.standard_t(3, s), 0),
    "half 0, normal": (some_zero(0.5, lambda r, s: r.normal(0.3, 1, s)), 0.15),
    "80 % 0, normal": (some_zero(0.8, lambda r, s: r.normal(0.3, 1, s)), 0.06),
    "queries, 70 % 0": (some_zero(0.7, lambda r, s: signed(0.6, r, s)), 0.3 * 0.2 / 3),
    "queries, 90 % 0": (some_zero(0.9, lambda r, s: signed(0.7, r, s)), 0.1 * 0.4 / 3),
    "0, 1 and -1": (lambda r, s: r.choice([-1.0, 0, 1], p=[0.06, 0.8, 0.14], size=s), 0.08),
}


def weights(n, draws, rng):
    """How often each of n units is drawn, [draws, n]."""
    counts = np.zeros((draws, n), np.float32)
    np.add.at(counts, (np.arange(draws)[:, None], rng.integers(0, n, (draws, n))), 1)
    return counts


def at(sorted_columns, share):
    """Quantiles of sorted columns, a share for each."""
    rows, columns = sorted_columns.shape
    place = np.broadcast_to(np.clip(share, 0, 1), (columns,)) * (rows - 1)
    low = np.floor(place).astype(int)
    high, part, every = np.minimum(low + 1, rows - 1), place - low, np.arange(columns)
    return sorted_columns[low, every] * (1 - part) + sorted_columns[high, every] * part


def intervals(values, draws):
    """Five known methods and the chosen one on samples, values [n, samples]."""
    n = len(values)
    mean, centred = values.mean(0), values - values.mean(0)
    counts = weights(n, draws, np.random.default_rng(42))
    drawn = (counts @ centred.astype(np.float32) / n).astype(float)
    spread = np.maximum(counts @ (centred**2).astype(np.float32) / n - drawn**2, 0) * n / (n - 1)
    error = values.std(0, ddof=1) / np.sqrt(n)
    reach = stats.t.ppf(1 - TAIL, n - 1)
    columns = np.sort(drawn, 0)
    wide = stats.norm.cdf(-np.sqrt(n / (n - 1)) * reach)
    yield "t", mean - reach * error, mean + reach * error
    yield "percentile", mean + at(columns, TAIL), mean + at(columns, 1 - TAIL)
    yield "expanded", mean + at(columns, wide), mean + at(columns, 1 - wide)
    with np.errstate(all="ignore"):
        share = (drawn < 0).mean(0) + (drawn == 0).mean(0) / 2
        bias = stats.norm.ppf(np.clip(share, 1 / draws, 1 - 1 / draws))
        skew = np.nan_to_num((centred**3).sum(0) / (6 * (centred**2).sum(0) ** 1.5))
        ends = [stats.norm.cdf(bias + (bias + z) / (1 - skew * (bias + z))) for z in (-Z, Z)]
        yield "BCa", mean + at(columns, ends[0]), mean + at(columns, ends[1])
        studentised = np.where(spread > 1e-12, drawn / np.sqrt(spread / n), np.sign(drawn) * 1e9)
        low, high = np.quantile(studentised, [TAIL, 1 - TAIL], axis=0)
    yield "bootstrap-t", mean - high * error, mean - low * error
    stretch = np.sqrt(n / (n - 1)) * reach / Z
    low, high = stretch * at(columns, TAIL), stretch * at(columns, 1 - TAIL)
    yield "Borda", mean + np.minimum(low, -reach * error), mean + np.maximum(high, reach * error)


def coverage(samples=4000, draws=4000):
    rng = np.random.default_rng(1)
    sizes = {8: 7, 20: 7, 41: 7, 131: 7, 50: (6, 10), 200: (6, 10), 1000: (7, 10)}
    for n, kinds in sizes.items():
        names = list(KINDS)[slice(*kinds) if isinstance(kinds, tuple) else slice(kinds)]
        for name in names:
            draw, truth = KINDS[name]
            found = list(intervals(draw(rng, (n, samples)), draws))
            width = np.median(found[0][2] - found[0][1])
            row = [f"{(np.mean((low <= truth) & (truth <= high)) * 100):.1f}" for _, low, high in found]
            if n == 8 and name == names[0]:
                print("| units | kind |", " | ".join(method for method, _, _ in found), "| width / t |")
            ratio = np.median(found[-1][2] - found[-1][1]) / width if width else np.nan
            print(f"| {n} | {name} |", " | ".join(row), f"| {ratio:.2f} |", flush=True)


def mean_interval(groups, draws=2000, seed=42, level=LEVEL):
    """The chosen interval of a mean of means, step by step."""
    groups, tail = [np.array(group, float) for group in groups], (1 - level) / 2
    deviations = [(g - g.mean()) * np.sqrt(len(g) / (len(g) - 1)) if len(g) > 1 else None for g in groups]
    several = [d for d in deviations if d is not None]
    pooled, lone = np.concatenate(several), len(groups) - len(several)
    parts = [((d**2).mean() / len(d), len(d) - 1) for d in several]
    if lone:
        parts.append((lone * (pooled**2).mean(), len(pooled) - len(several)))
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return (np.mean([g.mean() for g in groups]),) * 2
    degrees = variance**2 / sum(part**2 / own for part, own in parts)
    urns = [(d, len(d)) if d is not None else (pooled, 1) for d in deviations]
    rng, drawn = np.random.default_rng(seed), np.empty(draws)
    for i in range(draws):
        drawn[i] = sum(d[rng.integers(0, len(d), k)].mean() for d, k in urns) / len(groups)
    reach, mean = stats.t.ppf(1 - tail, degrees), np.mean([g.mean() for g in groups])
    low, high = np.quantile(drawn, [tail, 1 - tail]) * reach / stats.norm.ppf(1 - tail)
    least = reach * np.sqrt(variance) / len(groups)
    return mean + min(low, -least), mean + max(high, least)


def types(samples=3000):
    multilingual = [43, 18, 16, 16, 13, 11, 6, 5, 3]
    rng = np.random.default_rng(2)
    for sizes in ([3, 5], [3, 3, 4, 5], [3, 4, 5, 3, 5], [8, 8, 8, 8, 5, 4], multilingual):
        for name in list(KINDS)[:3] + list(KINDS)[4:6]:
            draw, truth = KINDS[name]
            scales = np.linspace(0.5, 2, len(sizes))
            values = [scale * draw(rng, (n, samples)) for scale, n in zip(scales, sizes)]
            low, high = many_means(values, 4000)
            truth = truth * scales.mean()
            print(f"| {sizes} | {name} | {np.mean((low <= truth) & (truth <= high)) * 100:.1f} |", flush=True)


def many_means(groups, draws):
    """mean_interval for many samples at once, groups [n, samples] of two units or more."""
    rng, count = np.random.default_rng(42), len(groups)
    drawn, variance, below = 0, 0, 0
    for values in groups:
        n = len(values)
        deviations = (values - values.mean(0)) * np.sqrt(n / (n - 1))
        drawn = drawn + weights(n, draws, rng) @ deviations.astype(np.float32) / n / count
        part = (deviations**2).mean(0) / n
        variance, below = variance + part, below + part**2 / (n - 1)
    with np.errstate(all="ignore"):
        reach = np.where(below > 0, stats.t.ppf(1 - TAIL, variance**2 / below), 0)
    least, columns = reach * np.sqrt(variance) / count, np.sort(drawn, 0)
    mean = sum(values.mean(0) for values in groups) / count
    low, high = (at(columns, share) * reach / Z for share in (TAIL, 1 - TAIL))
    return mean + np.minimum(low, -least), mean + np.maximum(high, least)


def points(scores):
    return scores.shape[1] - stats.rankdata(-scores, axis=1)


def rank_intervals(given, draws=2000, seed=42):
    """Intervals of votes and ranks and groups, and ranks by counting anew; points [tasks, models]."""
    tasks, models = given.shape
    votes = given.sum(0)
    deviations = (given - given.mean(0)) * np.sqrt(tasks / (tasks - 1))
    rng = np.random.default_rng(seed)
    drawn = weights(tasks, draws, rng).astype(float) @ deviations
    reach = stats.t.ppf(1 - TAIL, tasks - 1)
    stretch, error = reach / Z, np.sqrt((deviations**2).sum(0))
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL], axis=0) * stretch
    ends = votes + np.minimum(low, -reach * error), votes + np.maximum(high, reach * error)
    ranks, below = [], []
    for own in range(models):
        apart = np.sqrt(((deviations - deviations[:, [own]]) ** 2).sum(0))
        open_, found = [k for k in range(models) if apart[k] > 0.1], []
        away = abs(votes - votes[own]) / np.where(apart > 0.1, apart, 1) / stretch
        while open_:
            largest = (abs(drawn[:, open_] - drawn[:, [own]]) / apart[open_]).max(1)
            new = [k for k in open_ if (largest >= away[k]).sum() <= (1 - LEVEL) * draws]
            if not new:
                break
            found, open_ = found + new, [k for k in open_ if k not in new]
        under = [k for k in found if votes[k] < votes[own]]
        ranks.append((1 + len(found) - len(under), models - len(under)))
        below.append(set(under))
    again = drawn / np.sqrt(tasks / (tasks - 1)) + votes
    places = 1 + (again[:, None, :] > again[:, :, None] + 1e-9).sum(2)
    naive = np.quantile(places, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf").T
    return votes, ends, np.array(ranks), below, naive


def pools(models=20):
    """Pools by name: how to draw scores [tasks, models]."""
    slopes = np.random.default_rng(5).standard_normal((models, 3))

    def noise(skill):
        return lambda rng, tasks: skill + rng.standard_normal((tasks, models))

    def kinds(rng, tasks):
        kind = 0.7 * rng.standard_normal((tasks, 3)) @ slopes.T
        return np.linspace(0, 1.5, models) + kind + 0.5 * rng.standard_normal((tasks, models))

    third = models // 3
    clusters = np.repeat([0, 1, 2], [third, third, models - 2 * third])
    top = np.concatenate([np.linspace(0, 1, models - 3), [4, 4.2, 6]])
    return {
        "spread out": noise(np.linspace(0, 2, models)),
        "all close": noise(np.linspace(0, 0.2, models)),
        "three clusters": noise(clusters + np.linspace(0, 0.03, models)),
        "three far ahead": noise(top),
        "kinds of tasks": kinds,
    }


def ranks(samples=300):
    for name, draw in pools().items():
        truth = points(draw(np.random.default_rng(9), 100_000)).mean(0)
        places = 1 + (truth[None, :] > truth[:, None] + 1e-9).sum(1)
        for tasks in (8, 20, 41, 131):
            rng, hits, widths = np.random.default_rng(3), np.zeros((3, len(truth))), np.zeros(2)
            for _ in range(samples):
                _, ends, found, _, naive = rank_intervals(points(draw(rng, tasks)), draws=1000)
                hits[0] += (ends[0] <= tasks * truth) & (tasks * truth <= ends[1])
                for i, ranges in enumerate((found, naive)):
                    hits[i + 1] += (ranges[:, 0] <= places) & (places <= ranges[:, 1])
                    widths[i] += (ranges[:, 1] - ranges[:, 0] + 1).mean() / samples
            means, least = hits.mean(1) / samples * 100, hits.min(1) / samples * 100
            print(
                f"| {name} | {tasks} | {means[0]:.1f} | {means[1]:.1f} ({least[1]:.0f}) | {widths[0]:.1f} "
                f"| {means[2]:.1f} ({least[2]:.0f}) | {widths[1]:.1f} |", flush=True)


def splitmix(state):
    mask = 2**64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        yield mixed ^ (mixed >> 31)


def golden():
    eight = [0.031, -0.012, 0.044, 0, 0.027, -0.008, 0.019, 0.102]
    skewed = [0, 0, 0, 0, 0, 0, 0.01, 0.02, 0.05, 0.9]
    grouped = [[0.03, -0.01, 0.04], [0.2, 0.1, 0.05, 0.12], [0.5], [-0.02, 0, 0.01, 0.03, 0.07]]
    for case in (([eight],), ([eight], 2000, 42, 0.8), ([skewed], 2000, 7), (grouped,)):
        print("mean", *(float(end) for end in mean_interval(*case)))
    percentile = stats.bootstrap(
        (eight,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(42))
    print("scipy's percentile interval", percentile.confidence_interval)
    twelve = [0.5, -0.2, 0.9, 0.1, 0.4, -0.3, 0.8, 0.7, 0.6, -0.1, 0.2, 0.35]
    sixty = np.round(np.random.default_rng(11).normal(0.15, 1, 60), 3)
    for values, times in (([0.3, -0.1, 0.2, 0.4, 0, 0.25], np.inf), (eight, np.inf), (twelve, np.inf), (sixty, 400_000)):
        test = stats.permutation_test(
            (np.array(values),), lambda d, axis: d.mean(axis), permutation_type="samples",
            n_resamples=times, rng=np.random.default_rng(1))
        print("sign flips", float(test.pvalue))
    for share, degrees in ((0.975, 7), (0.975, 1), (0.975, 130), (0.975, 3.7), (0.995, 2.5), (0.9, 19), (0.975, 999)):
        print("t", share, degrees, float(stats.t.ppf(share, degrees)))
    stream, skill = splitmix(5), [0, 0, 0, 0.1, 0.15, 0.3, 0.6, 0.65, 1.2]
    scores = np.array([[own + (next(stream) >> 11) / 2**53 for own in skill] for _ in range(24)])
    votes, ends, found, below, _ = rank_intervals(points(scores))
    group, leader = 0, None
    for model in np.argsort(-votes, kind="stable"):
        if leader is None or model in below[leader]:
            group, leader = group + 1, model
        print("model", model, votes[model], *(round(float(end[model]), 6) for end in ends), found[model], group)


if __name__ == "__main__":
    steps = {"coverage": coverage, "types": types, "ranks": ranks, "golden": golden}
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        sys.exit(__doc__)
    steps[sys.argv[1]]()
