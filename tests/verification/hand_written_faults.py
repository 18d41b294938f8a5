"""Mistakes of engineers: edits of the backward passes in hand_written_*.py.

A row: style, shape, diagnosis, edits. A diagnosis `a|b` is right with either name, `a + b` names two faults,
`factor=N` is a factor of this size.
"""

from __future__ import annotations

from hand_written import STYLES, Faulty

UNEQUAL, SQUARE, DEEP = (4, 5, 3), (4, 4, 4, 4), (3, 5, 4, 6, 2, 3)

Edit = tuple[str, str]
Row = tuple[str, tuple[int, ...], str, Edit] | tuple[str, tuple[int, ...], str, Edit, Edit]

SLOPES = "dA * (f_prime(Z) if l == L else g_prime(Z))"
KEEP_NET = (
    "def backward(pairs: Any, x: Any, y: Any) -> Any:\n        return Net(pairs).gradients(x, y)",
    "nets = []\n    def backward(pairs, x, y):\n"
    "        if not nets:\n            nets.append(Net(pairs))\n        return nets[0].gradients(x, y)",
)

ROWS: tuple[Row, ...] = (
    # ------------------------------------------------------------------------------------ columns: caches
    ("caches", UNEQUAL, "sign", ("dA = A - Y", "dA = Y - A")),
    ("caches", UNEQUAL, "transposed", ("dZ @ A_prev.T", "A_prev @ dZ.T")),
    ("caches", SQUARE, "transposed", ("dZ @ A_prev.T", "A_prev @ dZ.T")),
    ("caches", DEEP, "bias_mean", ("np.sum(dZ", "np.mean(dZ")),
    ("caches", DEEP, "bias_not_summed", ("np.sum(dZ, axis=1, keepdims=True)", "dZ")),
    ("caches", UNEQUAL, "slope_at_activation", ("g_prime(Z)", "g_prime(g(Z))")),
    ("caches", UNEQUAL, "slope_missing", (SLOPES, "dA if l == L else dA * g_prime(Z)")),
    ("caches", DEEP, "slope_missing", (SLOPES, "dA * f_prime(Z) if l == L else dA")),
    ("caches", DEEP, "slope_missing", ("dA = W.T @ dZ", "dA = W.T @ dA")),
    ("caches", SQUARE, "weights_not_transposed", ("dA = W.T @ dZ", "dA = W @ dZ")),
    ("caches", SQUARE, "wrong_activations", ("dZ @ A_prev.T", "dZ @ X.T")),
    ("caches", SQUARE, "wrong_activations", ("caches.append((A, W, Z))\n            A = f(Z) if l == L else g(Z)",
                                             "A = f(Z) if l == L else g(Z)\n            caches.append((A, W, Z))")),
    ("caches", SQUARE, "sign + bias_mean", ("dA = A - Y", "dA = Y - A"), ("np.sum(dZ", "np.mean(dZ")),
    ("caches", UNEQUAL, "slope_missing + transposed",
     (SLOPES, "dA * f_prime(Z) if l == L else dA"), ("dZ @ A_prev.T", "A_prev @ dZ.T")),
    # ------------------------------------------------------------------------------------ columns: course
    ("course", UNEQUAL, "factor=N", ("axis=1, keepdims=True) / m", "axis=1, keepdims=True)")),
    ("course", DEEP, "factor=1/N", ("AL - Y", "(AL - Y) / m")),
    ("course", UNEQUAL, "factor=1.75", ("m = X.shape[1]", "m = X.shape[0]")),
    ("course", DEEP, "slope_at_activation", ('g_prime(cache[f"Z{l - 1}"])', 'g_prime(cache[f"A{l - 1}"])')),
    ("course", SQUARE, "slope_of_wrong_layer", ('g_prime(cache[f"Z{l - 1}"])', 'g_prime(cache[f"Z{l}"])')),
    ("course", SQUARE, "wrong_activations", ('dot(dZ, cache[f"A{l - 1}"].T)', 'dot(dZ, cache["A0"].T)')),
    ("course", DEEP, "wrong_activations",
     ('dot(dZ, cache[f"A{l - 1}"].T)', 'dot(dZ, (cache[f"Z{l - 1}"] if l > 1 else X).T)')),
    ("course", SQUARE, "wrong_layer_weights", ('parameters[f"W{l}"].T', 'parameters[f"W{l - 1}"].T')),
    ("course", UNEQUAL, "factor + slope_at_activation",
     ("m = X.shape[1]", "m = 1"), ('g_prime(cache[f"Z{l - 1}"])', 'g_prime(cache[f"A{l - 1}"])')),
    # ------------------------------------------------------------------------------- columns: accumulated
    ("accumulated", UNEQUAL, "batch_sum_missing", ("range(x.shape[1])", "range(1)")),
    ("accumulated", DEEP, "batch_sum_missing", ("total_w[l] += nabla_w[l]", "total_w[l] = nabla_w[l]")),
    ("accumulated", UNEQUAL, "batch_sum_missing", ("range(x.shape[1])", "range(x.shape[1] - 1)")),
    ("accumulated", DEEP, "detached", ("nabla_b[-l] = delta", "pass")),
    ("accumulated", DEEP, "detached", ("range(2, len(weights) + 1)", "range(2, len(weights))")),
    ("accumulated", UNEQUAL, "slope_at_activation", ("sigma_prime[-l](zs[-l])", "sigma_prime[-l](activations[-l])")),
    ("accumulated", SQUARE, "slope_of_wrong_layer", ("sigma_prime[-l](zs[-l])", "sigma_prime[-l](zs[-l + 1])")),
    ("accumulated", SQUARE, "wrong_activations", ("activations[-l - 1].T", "activations[-l].T")),
    ("accumulated", SQUARE, "wrong_layer_weights", ("weights[-l + 1].T", "weights[-l].T")),
    ("accumulated", UNEQUAL, "slope_missing", (" * sigma_prime[-1](zs[-1])", "")),
    # --------------------------------------------------------------------- columns: recursive and jacobian
    ("recursive", SQUARE, "wrong_activations", ("delta.dot(a.T)", "delta.dot(out.T)")),
    ("recursive", UNEQUAL, "factor=2", ("out - y if", "2 * (out - y) if")),
    ("recursive", DEEP, "detached", ("return W.T.dot(delta)", "return W.T.dot(delta) if l != 2 else np.zeros_like(a)")),
    ("recursive", UNEQUAL, "bias_not_summed|batch_sum_missing", ("delta.sum(axis=1, keepdims=True)", "delta[:, :1]")),
    ("jacobian", UNEQUAL, "softmax_diagonal", ("np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))")),
    ("jacobian", DEEP, "sign", ("dP = -Y / P", "dP = Y / P")),
    ("jacobian", SQUARE, "softmax_diagonal + slope_missing",
     ("np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))"), (" * g_prime(Zs[l - 1])", "")),
    # ---------------------------------------------------------------------------------------- rows: fused
    ("fused", UNEQUAL, "factor=N", ("(probs - y) / len(X)", "probs - y")),
    ("fused", DEEP, "slope_missing", ("dscores = dscores * act_grad(zs[i - 1])", "pass")),
    ("fused", UNEQUAL, "slope_at_activation", ("act_grad(zs[i - 1])", "act_grad(h[i])")),
    ("fused", DEEP, "softmax_diagonal", ("(probs - y)", "-y * (1 - probs)")),
    ("fused", UNEQUAL, "bias_not_summed|batch_sum_missing", ("dscores.sum(axis=0)", "dscores[0]")),
    ("fused", SQUARE, "weights_not_transposed", ('dscores @ params[f"W{i + 1}"].T', 'dscores @ params[f"W{i + 1}"]')),
    ("fused", UNEQUAL, "sign + slope_at_activation", ("(probs - y)", "(y - probs)"),
     ("act_grad(zs[i - 1])", "act_grad(h[i])")),
    # ----------------------------------------------------------------------------- rows: linears and layers
    ("linears", UNEQUAL, "transposed", ("grad_z.T @ inp", "inp.T @ grad_z")),
    ("linears", SQUARE, "weights_not_transposed", ("grad_z @ W", "grad_z @ W.T")),
    ("linears", DEEP, "factor=1/N", ("grad_output = out - y", "grad_output = (out - y) / len(x)")),
    ("linears", UNEQUAL, "factor=0.01", ("return grads", "return [0.01 * g for g in grads]")),
    ("linears", SQUARE, "transposed + bias_mean", ("grad_z.T @ inp", "inp.T @ grad_z"), ("sum(0)", "mean(0)")),
    ("layers", UNEQUAL, "slope_missing", ("return dz @ self.W.T", "return grad @ self.W.T")),
    ("layers", SQUARE, "wrong_activations", ("self.x.T @ dz", "self.a.T @ dz")),
    ("layers", UNEQUAL, "stale", KEEP_NET),
    ("layers", DEEP, "stale", KEEP_NET, ("self.dW = self.x.T", "self.dW = getattr(self, 'dW', 0) + self.x.T")),
    # ------------------------------------------------------------------------------ rows: minimized, ridge
    ("minimized", UNEQUAL, "regularisation_missing", ("gW = a[l].T.dot(delta) + lam * W", "gW = a[l].T.dot(delta)")),
    ("minimized", DEEP, "regularisation_doubled", ("(delta) + lam * W", "(delta) + 2 * lam * W")),
    ("minimized", DEEP, "regularisation_on_biases", ("gb = delta.sum(axis=0)", "gb = delta.sum(axis=0) + lam * b")),
    ("minimized", UNEQUAL, "factor=N", ("error / N *", "error *")),
    ("minimized", SQUARE, "transposed", ("gW.ravel()", "gW.T.ravel()")),
    ("minimized", UNEQUAL, "sign", ("np.concatenate(pieces)", "-np.concatenate(pieces)")),
    ("minimized", DEEP, "regularisation_missing + bias_mean",
     ("gW = a[l].T.dot(delta) + lam * W", "gW = a[l].T.dot(delta)"), ("delta.sum(axis=0)", "delta.mean(axis=0)")),
    ("ridge", DEEP, "regularisation_missing", (" + decay * p", " + (decay if l == depth else 0) * p")),
    ("ridge", SQUARE, "layer_skipped", ("delta[l + 1] @", "delta[depth] @")),
    ("ridge", SQUARE, "slope_of_wrong_layer", ("SLOPE_OF_OUTPUT[s.hidden](a[l])", "SLOPE_OF_OUTPUT[s.hidden](a[l + 1])")),
    ("ridge", UNEQUAL, "regularisation_on_biases",
     ("delta[l].sum(axis=0)", 'delta[l].sum(axis=0) + decay * p[f"b{l}"]')),
    ("augmented", UNEQUAL, "bias_mean", ("(G[:-1], G[-1])", "(G[:-1], G[-1] / len(x))")),
    # --------------------------------------------------------------------------------- loops: ported from C
    ("ported", SQUARE, "weights_not_transposed", ("w[l][k][j] *", "w[l][j][k] *")),
    ("ported", DEEP, "batch_sum_missing", ("gw[l - 1][j][k] +=", "gw[l - 1][j][k] =")),
    ("ported", UNEQUAL, "bias_not_summed|batch_sum_missing", ("gb[l - 1][j] +=", "gb[l - 1][j] =")),
    ("ported", DEEP, "unit_sum_missing", ("d[l][j] += w", "d[l][j] = w")),
    ("ported", UNEQUAL, "unit_sum_missing", ("for k in range(n[l + 1]):", "for k in range(1):")),
    ("ported", DEEP, "unit_sum_missing", ("for k in range(n[l + 1]):", "for k in range(n[l + 1] - 1):")),
    ("ported", DEEP, "slope_at_activation", ("*= sigma_prime(l, z[l][j])", "*= sigma_prime(l, a[l][j])")),
    ("ported", SQUARE, "wrong_layer_weights", ("w[l][k][j] *", "w[l - 1][k][j] *")),
    # ---------------------------------------------------------------------- loops: einsum, outer, two_pass
    ("blackboard", UNEQUAL, "transposed", ("sj,sk->jk", "sj,sk->kj")),
    ("blackboard", SQUARE, "weights_not_transposed", ('"kj,sk->sj"', '"jk,sk->sj"')),
    ("blackboard", DEEP, "batch_sum_missing", ('"sj,sk->jk", d, a[l])', '"sj,sk->jk", d[-1:], a[l][-1:])')),
    ("outer", UNEQUAL, "factor=N", ("dbs[l] += d / N", "dbs[l] += d")),
    ("outer", SQUARE, "slope_of_wrong_layer", ("slope(pres[l - 1])", "slope(pres[l])")),
    ("two_pass", DEEP, "factor=1/2", ("deltas = [(act", "deltas = [0.5 * (act")),
    ("two_pass", SQUARE, "layer_skipped", ("back = deltas[0] @", "back = deltas[-1] @")),
    ("two_pass", UNEQUAL, "stale", ("n = s.widths", "n, memory = s.widths, []"),
     ("zs, activations = [], [x]", "memory.append(x)\n        zs, activations = [], [memory[0]]")),
)  # fmt: skip


def faulty(row: Row) -> Faulty:
    name, widths, diagnosis, *edits = row
    style = STYLES[name]
    names, _, factor = diagnosis.partition("=")
    expected = tuple(frozenset(one.split("|")) for one in names.split(" + "))
    return Faulty(style, style.setting(widths), tuple(edits), expected, factor)


FAULTY = tuple(faulty(row) for row in ROWS)
