"""Reference numbers of ridge_test.cpp: scikit-free ridge by numpy's solver, Spearman's rho by scipy."""

import numpy
import scipy
from scipy.stats import spearmanr

print("numpy", numpy.__version__, "scipy", scipy.__version__)
x = numpy.array([[1, 0, 2], [0, 1, 1], [1, 1, 0], [2, 0, 1], [0, 3, 1]], float)
y = numpy.array([1, -1, 0.5, 2, -2])
penalty = 0.7
precision = x.T @ x + penalty * numpy.eye(3)
print("weights", numpy.linalg.solve(precision, x.T @ y).tolist())
new = numpy.array([[1, 2, 3], [0, 0, 1]], float)
print("variances", numpy.einsum("ij,ij->i", new, numpy.linalg.solve(precision, new.T).T).tolist())
more = precision + numpy.outer(new[0], new[0])
print("shrunk", numpy.einsum("ij,ij->i", new, numpy.linalg.solve(more, new.T).T).tolist())
print("spearman", spearmanr([3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8]).statistic)
print("spearman", spearmanr([0.5, -1, 2, 7], [1, 0, 20, 30]).statistic)
