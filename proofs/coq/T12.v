(* T12 (proofs/t12_linear_regression.py), counted from 1 as it is printed: two runs of gradient descent on one linear
   regression, of which the step at time t leads to time t + 1. Inequalities are equations with squares as slacks. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums T9.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* what the inputs carry back, measured along u, is what u predicts, measured along f *)
Lemma carried_back (real : realFieldType) B K (u f : nat -> real) (x : nat -> nat -> real) :
  \sum_(1 <= k < K.+1) u k * (\sum_(1 <= s < B.+1) f s * x s k)
  = \sum_(1 <= s < B.+1) f s * (\sum_(1 <= k < K.+1) u k * x s k).
Proof.
under eq_bigr do rewrite mulr_sumr; rewrite exchange_big /=; apply: eq_bigr => s _.
by rewrite mulr_sumr; apply: eq_bigr => k _; ring.
Qed.

Section TwoRuns.
Variables (real : realFieldType) (B K T : nat).
Variables (bar_o bar_o_tilde d e grad_w grad_w_tilde o o_tilde w w_tilde : nat -> nat -> real).
Variables (x : nat -> nat -> nat -> real) (y : nat -> nat -> real) (eta : nat -> real).
Hypothesis h_difference_of_the_predictions : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  e t s = \sum_(1 <= k < K.+1) d t k * x t s k.
Hypothesis h_difference_of_the_weights : forall t k : nat, (t <= T)%N -> (1 <= k <= K)%N ->
  d t k = w t k - w_tilde t k.
Hypothesis h_prediction : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  o t s = \sum_(1 <= k < K.+1) w t k * x t s k.
Hypothesis h_prediction_second_run : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  o_tilde t s = \sum_(1 <= k < K.+1) w_tilde t k * x t s k.

Lemma predictions_differ t s : (t <= T)%N -> (1 <= s <= B)%N -> o t s - o_tilde t s = e t s.
Proof.
move=> tT sB; rewrite h_prediction // h_prediction_second_run // h_difference_of_the_predictions // -sumrB.
by apply: eq_sum => k kK; rewrite h_difference_of_the_weights // mulrBl.
Qed.

Hypothesis h_error_of_the_prediction_second_run : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  bar_o_tilde t s = o_tilde t s - y t s.
Hypothesis h_gradient_second_run : forall t k : nat, (t <= T)%N -> (1 <= k <= K)%N ->
  grad_w_tilde t k = \sum_(1 <= s < B.+1) bar_o_tilde t s * x t s k.

(* ------------------------------------------------ the minimum ------------------------------------------------ *)
Theorem T12_minimum (C C_tilde : nat -> real) t : (t <= T)%N ->
  (forall t : nat, (t <= T)%N -> C t = (1%:R / 2%:R) * (\sum_(1 <= s < B.+1) ((o t s - y t s) ^+ 2))) ->
  (forall t : nat, (t <= T)%N ->
    C_tilde t = (1%:R / 2%:R) * (\sum_(1 <= s < B.+1) ((o_tilde t s - y t s) ^+ 2))) ->
  (forall k : nat, (1 <= k <= K)%N -> grad_w_tilde t k = 0) ->
  C t = C_tilde t + (1%:R / 2%:R) * (\sum_(1 <= s < B.+1) (e t s ^+ 2)).
Proof.
move=> tT -> // -> // flat.
have cross : \sum_(1 <= s < B.+1) bar_o_tilde t s * e t s = 0.
  transitivity (\sum_(1 <= k < K.+1) d t k * grad_w_tilde t k).
    under [RHS]eq_sum => k kK do rewrite h_gradient_second_run //.
    by rewrite carried_back; apply: eq_sum => s sB; rewrite h_difference_of_the_predictions.
  by rewrite big_nat big1 // => k; rewrite ltnS => kK; rewrite flat // mulr0.
rewrite (@sum_square_of _ B _ (bar_o_tilde t) (e t) 1 1); last first.
  by move=> s sB; rewrite -(predictions_differ tT sB) h_error_of_the_prediction_second_run //; ring.
have -> : \sum_(1 <= s < B.+1) (o_tilde t s - y t s) ^+ 2 = \sum_(1 <= s < B.+1) bar_o_tilde t s ^+ 2.
  by apply: eq_sum => s sB; rewrite h_error_of_the_prediction_second_run.
by rewrite -mulrDr cross; congr (_ * _); ring.
Qed.

Hypothesis h_error_of_the_prediction : forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N ->
  bar_o t s = o t s - y t s.
Hypothesis h_gradient : forall t k : nat, (t <= T)%N -> (1 <= k <= K)%N ->
  grad_w t k = \sum_(1 <= s < B.+1) bar_o t s * x t s k.

Theorem T12_difference_of_the_gradients t k : (t <= T)%N -> (1 <= k <= K)%N ->
  grad_w t k - grad_w_tilde t k = \sum_(1 <= s < B.+1) e t s * x t s k.
Proof.
move=> tT kK; rewrite h_gradient // h_gradient_second_run // -sumrB; apply: eq_sum => s sB.
rewrite -(predictions_differ tT sB) h_error_of_the_prediction // h_error_of_the_prediction_second_run //.
by ring.
Qed.

(* the squares of the differences of the predictions *)
Lemma squares t : (t <= T)%N ->
  \sum_(1 <= k < K.+1) d t k * (\sum_(1 <= s < B.+1) e t s * x t s k) = \sum_(1 <= s < B.+1) e t s ^+ 2.
Proof.
move=> tT; rewrite carried_back; apply: eq_sum => s sB.
by rewrite -h_difference_of_the_predictions // expr2.
Qed.

(* -------------------------------------------- both gradients are 0 -------------------------------------------- *)
Section Critical.
Variable t : nat.
Hypothesis t_range : (t <= T)%N.
Hypothesis h_the_gradient_is_0 : forall k : nat, (1 <= k <= K)%N -> grad_w t k = 0.
Hypothesis h_the_gradient_of_the_second_run_is_0 : forall k : nat, (1 <= k <= K)%N -> grad_w_tilde t k = 0.

Lemma no_difference s : (1 <= s <= B)%N -> e t s = 0.
Proof.
apply: sum_squares_0; rewrite -squares // big_nat big1 // => k; rewrite ltnS => kK.
rewrite -T12_difference_of_the_gradients // h_the_gradient_is_0 // h_the_gradient_of_the_second_run_is_0 //.
by rewrite subrr mulr0.
Qed.

Theorem T12_predictions s : (1 <= s <= B)%N -> o t s = o_tilde t s.
Proof. by move=> sB; apply/eqP; rewrite -subr_eq0 predictions_differ // no_difference. Qed.

Theorem T12_one_answer (g : nat -> nat -> real) k : (1 <= k <= K)%N ->
  (forall k m : nat, (1 <= k <= K)%N -> (1 <= m <= K)%N ->
    \sum_(1 <= s < B.+1) g k s * x t s m = (k == m)%N%:R) -> w t k = w_tilde t k.
Proof.
move=> kK rank; apply/eqP; rewrite -subr_eq0 -h_difference_of_the_weights // -(sum_kronecker (d t) kK).
transitivity (\sum_(1 <= s < B.+1) g k s * e t s == 0); last first.
  by rewrite big_nat big1 ?eqxx // => s; rewrite ltnS => sB; rewrite no_difference // mulr0.
congr (_ == 0); under [RHS]eq_sum => s sB do rewrite h_difference_of_the_predictions //.
by rewrite -carried_back; apply: eq_sum => m mK; rewrite rank // eq_sym mulrC.
Qed.
End Critical.

(* ------------------------------------------------ one step ------------------------------------------------ *)
Hypothesis T_positive : (0 < T)%N.
Hypothesis h_rule_of_the_weights : forall t k : nat, (1 <= t <= T)%N -> (1 <= k <= K)%N ->
  w t k = - (eta (t - 1)%N * grad_w (t - 1)%N k) + w (t - 1)%N k.
Hypothesis h_rule_of_the_weights_second_run : forall t k : nat, (1 <= t <= T)%N -> (1 <= k <= K)%N ->
  w_tilde t k = - (eta (t - 1)%N * grad_w_tilde (t - 1)%N k) + w_tilde (t - 1)%N k.

Theorem T12_one_step t k : (t <= T - 1)%N -> (1 <= k <= K)%N ->
  d (t + 1)%N k = - (eta t * (\sum_(1 <= s < B.+1) e t s * x t s k)) + d t k.
Proof.
move=> tT kK; have tT' : (t <= T)%N by lia.
have t1 : (1 <= t + 1 <= T)%N by move: T_positive; lia.
rewrite -T12_difference_of_the_gradients // !h_difference_of_the_weights //; last by case/andP: t1.
by rewrite h_rule_of_the_weights // h_rule_of_the_weights_second_run // addnK; ring.
Qed.

Theorem T12_contraction (Lambda mu : real) (c r rho : nat -> real) t : (t <= T - 1)%N ->
  (forall t : nat, (t <= T)%N ->
    (r t ^+ 2) + (\sum_(1 <= k < K.+1) ((\sum_(1 <= s < B.+1) e t s * x t s k) ^+ 2))
    = Lambda * (\sum_(1 <= s < B.+1) (e t s ^+ 2))) ->
  (forall t : nat, (t <= T)%N ->
    \sum_(1 <= s < B.+1) (e t s ^+ 2) = mu * (\sum_(1 <= k < K.+1) (d t k ^+ 2)) + (rho t ^+ 2)) ->
  (forall t : nat, (t <= T)%N -> c t ^+ 2 = (- (Lambda * eta t) + 2%:R) * eta t) ->
  (c t ^+ 2) * (rho t ^+ 2) + (eta t ^+ 2) * (r t ^+ 2) + (\sum_(1 <= k < K.+1) (d (t + 1)%N k ^+ 2))
  = (- (mu * (c t ^+ 2)) + 1) * (\sum_(1 <= k < K.+1) (d t k ^+ 2)).
Proof.
move=> tT above below step; have tT' : (t <= T)%N by lia.
pose g k := \sum_(1 <= s < B.+1) e t s * x t s k.
rewrite (@sum_square_of _ K _ (d t) g 1 (- eta t)); last by move=> k kK; rewrite T12_one_step // -/(g k); ring.
rewrite (squares tT').
have -> : r t ^+ 2 = Lambda * (\sum_(1 <= s < B.+1) (e t s ^+ 2)) - \sum_(1 <= k < K.+1) g k ^+ 2.
  by rewrite -above // addrK.
have -> : rho t ^+ 2 = \sum_(1 <= s < B.+1) (e t s ^+ 2) - mu * (\sum_(1 <= k < K.+1) (d t k ^+ 2)).
  by rewrite below // addrC addKr.
by rewrite step //; ring.
Qed.

Theorem T12_along_an_eigenvector (X : nat -> nat -> real) (lambda : real) (pi v : nat -> real) t : (t <= T)%N ->
  pi 0%N = 1 -> (forall t : nat, (t <= T - 1)%N -> pi (t + 1)%N = (- (lambda * eta t) + 1) * pi t) ->
  (forall k : nat, (1 <= k <= K)%N ->
    \sum_(1 <= s < B.+1) X s k * (\sum_(1 <= i < K.+1) v i * X s i) = lambda * v k) ->
  (forall t s k : nat, (t <= T)%N -> (1 <= s <= B)%N -> (1 <= k <= K)%N -> x t s k = X s k) ->
  \sum_(1 <= k < K.+1) v k * d t k = pi t * (\sum_(1 <= k < K.+1) v k * d 0%N k).
Proof.
move=> tT start factor eigen same; elim: t tT => [|t IH] tT; first by rewrite start mul1r.
have tT1 : (t <= T - 1)%N by lia. have tT' : (t <= T)%N by lia.
have moments : \sum_(1 <= k < K.+1) v k * (\sum_(1 <= s < B.+1) e t s * x t s k)
    = lambda * (\sum_(1 <= k < K.+1) v k * d t k).
  rewrite carried_back mulr_sumr.
  transitivity (\sum_(1 <= k < K.+1) d t k * (\sum_(1 <= s < B.+1) (\sum_(1 <= i < K.+1) v i * X s i) * X s k)).
    rewrite [RHS]carried_back; apply: eq_sum => s sB; rewrite h_difference_of_the_predictions // mulrC.
    by congr (_ * _); apply: eq_sum => k kK; rewrite same.
  by apply: eq_sum => k kK; under eq_bigr do rewrite mulrC; rewrite eigen //; ring.
rewrite -[t.+1]addn1 factor // -mulrA -IH // mulrDl mul1r mulNr -mulrA mulrCA -moments.
rewrite [eta t * _]mulr_sumr -sumrN -big_split /=; apply: eq_sum => k kK.
by rewrite T12_one_step // mulrDr mulrN mulrCA.
Qed.
End TwoRuns.

(* ------------------------------------- a direction that no sample sees ------------------------------------- *)
Theorem T12_unseen_directions (real : realFieldType) (B K T : nat) (bar_o : nat -> nat -> real) (eta : nat -> real)
  (grad_w : nat -> nat -> real) (n : nat -> real) (w : nat -> nat -> real) (w_0 : nat -> real)
  (x : nat -> nat -> nat -> real) t : (t <= T)%N ->
  (forall t k : nat, (t <= T)%N -> (1 <= k <= K)%N -> grad_w t k = \sum_(1 <= s < B.+1) bar_o t s * x t s k) ->
  (forall t k : nat, (1 <= t <= T)%N -> (1 <= k <= K)%N ->
    w t k = - (eta (t - 1)%N * grad_w (t - 1)%N k) + w (t - 1)%N k) ->
  (forall k : nat, (1 <= k <= K)%N -> w 0%N k = w_0 k) ->
  (forall t s : nat, (t <= T)%N -> (1 <= s <= B)%N -> \sum_(1 <= k < K.+1) n k * x t s k = 0) ->
  \sum_(1 <= k < K.+1) n k * w t k = \sum_(1 <= k < K.+1) n k * w_0 k.
Proof.
move=> tT gradient rule start unseen; elim: t tT => [|t IH] tT.
  by apply: eq_sum => k kK; rewrite start.
have tT' : (t <= T)%N by lia.
rewrite -IH //; transitivity (\sum_(1 <= k < K.+1) n k * w t k - eta t * (\sum_(1 <= k < K.+1) n k * grad_w t k)).
  by rewrite mulr_sumr -sumrB; apply: eq_sum => k kK; rewrite rule // subn1 /=; ring.
have -> : \sum_(1 <= k < K.+1) n k * grad_w t k = 0; last by rewrite mulr0 subr0.
transitivity (\sum_(1 <= k < K.+1) n k * (\sum_(1 <= s < B.+1) bar_o t s * x t s k)).
  by apply: eq_sum => k kK; rewrite gradient.
rewrite carried_back big_nat big1 // => s; rewrite ltnS => sB.
by rewrite unseen // mulr0.
Qed.
