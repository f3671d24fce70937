"""Half widths of sums of discrete Laplace noises, by repeated convolution of their probabilities (numpy, scipy).

Writes half_widths.csv: parts as SENSITIVITY/EPSILON*COUNT, the chance taken, and the smallest h with P(|sum| > h) <= chance.
Nothing here is shared with the program: it works in the domain of counts, the program in that of frequencies.
"""
import csv
import math
import pathlib

import numpy
from scipy.signal import fftconvolve


def noise(sensitivity, epsilon):
    q = math.exp(-epsilon / sensitivity)
    reach = math.ceil(40 * sensitivity / epsilon) + 40
    k = numpy.abs(numpy.arange(-reach, reach + 1))
    return (1 - q) / (1 + q) * numpy.exp(-epsilon / sensitivity * k)


def total(parts):
    whole = numpy.ones(1)
    for sensitivity, epsilon, count in parts:
        power = noise(sensitivity, epsilon)
        while count:  # by squaring
            if count & 1:
                whole = convolve(whole, power)
            count >>= 1
            if count:
                power = convolve(power, power)
    return whole


def convolve(a, b):
    return numpy.convolve(a, b) if min(len(a), len(b)) < 2000 else fftconvolve(a, b)


def half_width(parts, chance):
    p = total(parts)
    middle = len(p) // 2
    outside = 2 * numpy.cumsum(p[:middle][::1])  # outside[i] = P(|Z| >= middle - i)
    h = middle
    while h > 0 and outside[middle - h] <= chance:  # P(|Z| > h - 1)
        h -= 1
    return h


CASES = [
    ([(1, 1.0, 1)], 0.05), ([(1, 0.25, 1)], 0.05), ([(1, 1.0, 2)], 0.05), ([(1, 1.0, 3)], 0.05),
    ([(1, 10.0, 2)], 0.05), ([(1, 10.0, 7)], 0.05), ([(1, 0.333333333, 2)], 0.05), ([(1, 0.333333333, 15)], 0.05),
    ([(1, 0.333333333, 42)], 0.05), ([(1, 0.333333333, 84)], 0.05), ([(2, 0.25, 4)], 0.05),
    ([(1, 1.0, 1), (1, 0.1, 1)], 0.05), ([(1, 1.0, 10), (6, 0.5, 3)], 0.05), ([(6, 0.001, 2)], 0.05),
    ([(6, 0.001, 5)], 0.05), ([(6, 0.001, 1), (1, 10.0, 50)], 0.05), ([(1, 0.5, 1000)], 0.05),
    ([(1, 1.0, 1)], 0.001), ([(1, 0.333333333, 2)], 0.001), ([(1, 0.333333333, 30)], 0.0001),
    ([(1, 1.0, 2), (3, 0.2, 2)], 0.00001), ([(1, 0.01, 12)], 0.0005),
]

if __name__ == "__main__":
    with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["parts", "chance", "half_width"])
        for parts, chance in CASES:
            words = "+".join(f"{s}/{e}*{n}" for s, e, n in parts)
            writer.writerow([words, f"{chance:.5f}".rstrip("0"), half_width(parts, chance)])
