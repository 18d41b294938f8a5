(* T9 (proofs/t9_never_merge.py), the flow: along gradient flow the gap of two points, weighted with e^(2 K t), has a
   derivative that is a sum of squares and a slack. exp is any function that is its own derivative, along a path every
   quantity is a function of tau, and dE is the derivative of E at one place of it. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import EpsilonDelta Sums T9 TwoNeurons.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Weighted.
Variables (real : realFieldType) (exp : real -> real) (tau0 : real).
Hypothesis exp_differentiable : forall u : real, deriv u exp (exp u).
Implicit Types f g : real -> real.

Lemma deriv_square_of_difference f g df dg : deriv tau0 f df -> deriv tau0 g dg ->
  deriv tau0 (fun tau => (f tau - g tau) ^+ 2) (2%:R * (f tau0 - g tau0) * (df - dg)).
Proof.
move=> F G; have D : deriv tau0 (fun tau => f tau - g tau) (df - dg).
  have := deriv_add F (deriv_mul (deriv_const tau0 (- 1)) G); rewrite mulr0 addr0 mulN1r.
  by apply: deriv_ext => tau; rewrite mulN1r.
have := deriv_mul D D; rewrite -[X in deriv _ _ X]mulr2n -mulr_natl mulrA.
by apply: deriv_ext => tau; rewrite expr2.
Qed.

(* E = e^(2 K t) times a gap, where K is constant and t passes like tau *)
Lemma weighted (K E t gap : real -> real) (dE dK dt dgap : real) :
  (forall tau, E tau = exp (2%:R * K tau * t tau) * gap tau) -> deriv tau0 E dE -> deriv tau0 K dK ->
  deriv tau0 t dt -> dK = 0 -> dt = 1 -> deriv tau0 gap dgap ->
  dE = exp (2%:R * K tau0 * t tau0) * (2%:R * K tau0 * gap tau0 + dgap).
Proof.
move=> E_is DE DK Dt K0 t1 Dgap.
have inner := deriv_mul (deriv_mul (deriv_const tau0 2%:R) DK) Dt.
have outer := deriv_mul (deriv_comp (exp_differentiable _) inner) Dgap.
rewrite (deriv_uniq DE (deriv_ext (fun tau => esym (E_is tau)) outer)) K0 t1; ring.
Qed.

Theorem T9_the_weighted_gap_grows (N : nat) (E K rho t : real -> real) (dE dK dt : real)
  (dtheta dtheta_tilde : nat -> real) (grad_theta grad_theta_tilde theta theta_tilde : nat -> real -> real) :
  (forall tau : real, rho tau = (K tau ^+ 2) * (\sum_(1 <= i < N.+1) ((theta i tau - theta_tilde i tau) ^+ 2))
    - (\sum_(1 <= i < N.+1) ((grad_theta i tau - grad_theta_tilde i tau) ^+ 2))) ->
  (forall tau : real, E tau = (exp (2%:R * K tau * t tau))
    * (\sum_(1 <= i < N.+1) ((theta i tau - theta_tilde i tau) ^+ 2))) ->
  deriv tau0 E dE -> deriv tau0 K dK -> deriv tau0 t dt ->
  (forall i : nat, (1 <= i <= N)%N -> deriv tau0 (theta i) (dtheta i)) ->
  (forall i : nat, (1 <= i <= N)%N -> deriv tau0 (theta_tilde i) (dtheta_tilde i)) ->
  (forall i : nat, (1 <= i <= N)%N -> dtheta i = - grad_theta i tau0) ->
  (forall i : nat, (1 <= i <= N)%N -> dtheta_tilde i = - grad_theta_tilde i tau0) -> dK = 0 -> dt = 1 ->
  K tau0 * dE = (rho tau0 + (\sum_(1 <= i < N.+1) (((theta i tau0 - theta_tilde i tau0) * K tau0 - grad_theta i tau0
    + grad_theta_tilde i tau0) ^+ 2))) * (exp (2%:R * K tau0 * t tau0)).
Proof.
move=> rho_is E_is DE DK Dt Dx Dx' flow flow' K0 t1.
have D : deriv tau0 (fun tau => \sum_(1 <= i < N.+1) (theta i tau - theta_tilde i tau) ^+ 2)
    (\sum_(1 <= i < N.+1) 2%:R * (theta i tau0 - theta_tilde i tau0) * (dtheta i - dtheta_tilde i)).
  by apply: deriv_sum => i iN; apply: deriv_square_of_difference; [exact: Dx | exact: Dx'].
rewrite (weighted E_is DE DK Dt K0 t1 D) rho_is.
pose x i := theta i tau0 - theta_tilde i tau0; pose g i := grad_theta i tau0 - grad_theta_tilde i tau0.
rewrite (@sum_square_of _ N (fun i => (theta i tau0 - theta_tilde i tau0) * K tau0 - grad_theta i tau0
  + grad_theta_tilde i tau0) x g (K tau0) (- 1)); last by move=> i iN; rewrite /x /g; ring.
have -> : \sum_(1 <= i < N.+1) 2%:R * (theta i tau0 - theta_tilde i tau0) * (dtheta i - dtheta_tilde i)
    = - 2%:R * (\sum_(1 <= i < N.+1) x i * g i).
  by rewrite mulr_sumr; apply: eq_sum => i iN; rewrite flow // flow' // /x /g; ring.
by rewrite /x /g; ring.
Qed.
End Weighted.

Section TwoNeurons.
Variables (real : realFieldType) (L S_ : nat) (n : nat -> nat) (pi : nat -> nat -> nat).
Variables (dsigma sigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (exp K E rho t : real -> real) (a a_tilde delta delta_tilde z z_tilde : nat -> nat -> nat -> real -> real).
Variables (b b_tilde grad_b grad_b_tilde x y : nat -> nat -> real -> real) (db : nat -> nat ->
  real) (tau0 dE dK dt : real).
Variables (grad_w grad_w_tilde w w_tilde : nat -> nat -> nat -> real -> real) (dw : nat -> nat -> nat -> real).
Variables (m p q : nat).
Hypothesis h_slack_of_the_Lipschitz_bound_exchanged_neurons : forall tau : real, rho tau =
  ((\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) ((b l j tau - b_tilde l j tau) ^+ 2)))
  + (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1)
    ((w l j k tau - w_tilde l j k tau) ^+ 2))))) * (K tau ^+ 2)
  - (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) ((grad_b l j tau - grad_b_tilde l j tau) ^+ 2)))
  - (\sum_(1 <= l < L.+1) (\sum_(1 <= j < (n l).+1) (\sum_(1 <= k < (n (l - 1)%N).+1)
    ((grad_w l j k tau - grad_w_tilde l j k tau) ^+ 2)))).
Hypothesis L_positive : (0 < L)%N.
Hypothesis h_permuted_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> w_tilde l j k tau0 = w l (pi l j) (pi (l - 1)%N k) tau0.
Hypothesis h_permuted_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b_tilde l j tau0 = b l (pi l j) tau0.
Hypothesis h_p_becomes_q : pi m p = q.
Hypothesis h_q_becomes_p : pi m q = p.
Hypothesis pi_permutes : forall l : nat, (l <= L)%N ->
  perm_eq [seq pi l j | j <- index_iota 1%N (n l).+1] (index_iota 1%N (n l).+1).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= (n m) - 1)%N.
Hypothesis q_range : (p + 1 <= q <= n m)%N.
Hypothesis h_inputs_stay_in_place : forall j : nat, (1 <= j <= n 0%N)%N -> pi 0%N j = j.
Hypothesis h_outputs_stay_in_place : forall j : nat, (1 <= j <= n L)%N -> pi L j = j.
Hypothesis h_layers_after_m_stay : forall l j : nat, (m + 1 <= l <= L)%N -> (1 <= j <= n l)%N -> pi l j = j.
Hypothesis h_layers_before_m_stay : forall l j : nat, (l <= m - 1)%N -> (1 <= j <= n l)%N -> pi l j = j.
Hypothesis h_neurons_after_q_stay : forall j : nat, (q + 1 <= j <= n m)%N -> pi m j = j.
Hypothesis h_neurons_before_p_stay : forall j : nat, (1 <= j <= p - 1)%N -> pi m j = j.
Hypothesis h_neurons_between_p_and_q_stay : forall j : nat, (p + 1 <= j <= q - 1)%N -> pi m j = j.
Hypothesis h_weighted_input : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <=
  n l)%N ->
  z l s j tau = b l j tau + (\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N s k tau * w l j k tau).
Hypothesis h_weighted_input_permuted_network : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  z_tilde l s j tau = b_tilde l j tau + (\sum_(1 <=
    k < (n (l - 1)%N).+1) a_tilde (l - 1)%N s k tau * w_tilde l j k tau).
Hypothesis h_activation : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N -> (1 <= j <= n l)%N ->
  a l s j tau = sigma l (z l s j tau).
Hypothesis h_activation_permuted_network : forall (l s j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N -> a_tilde l s j tau = sigma l (z_tilde l s j tau).
Hypothesis h_input_of_the_network : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <= j <= n 0%N)%N ->
  a 0%N s j tau = x s j tau.
Hypothesis h_input_of_the_network_permuted_network : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <= j <=
  n 0%N)%N ->
  a_tilde 0%N s j tau = x s j tau.
Hypothesis h_gradient_of_the_weights : forall (l j k : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> grad_w l j k tau = \sum_(1 <= s < S_.+1) a (l - 1)%N s k tau * delta l s j tau.
Hypothesis h_gradient_of_the_weights_permuted_network : forall (l j k : nat) (tau : real), (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w_tilde l j k tau = \sum_(1 <= s < S_.+1) a_tilde (l - 1)%N s k tau * delta_tilde l s j tau.
Hypothesis h_gradient_of_the_biases : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b l j tau = \sum_(1 <= s < S_.+1) delta l s j tau.
Hypothesis h_gradient_of_the_biases_permuted_network : forall (l j : nat) (tau : real), (1 <= l <= L)%N -> (1 <= j <=
  n l)%N ->
  grad_b_tilde l j tau = \sum_(1 <= s < S_.+1) delta_tilde l s j tau.
Hypothesis h_delta_of_a_hidden_layer : forall (l s j : nat) (tau : real), (1 <= l <= L - 1)%N -> (1 <= s <= S_)%N ->
  (1 <= j <= n l)%N ->
  delta l s j tau = (dsigma l (z l s j tau)) * (\sum_(1 <=
    k < (n (l + 1)%N).+1) delta (l + 1)%N s k tau * w (l + 1)%N k j tau).
Hypothesis h_delta_of_a_hidden_layer_permuted_network : forall (l s j : nat) (tau : real), (1 <= l <= L - 1)%N ->
  (1 <= s <= S_)%N -> (1 <= j <= n l)%N -> delta_tilde l s j tau = (dsigma l (z_tilde l s j tau))
  * (\sum_(1 <= k < (n (l + 1)%N).+1) delta_tilde (l + 1)%N s k tau * w_tilde (l + 1)%N k j tau).
Hypothesis h_delta_of_the_last_layer : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <= j <= n L)%N ->
  delta L s j tau = (dsigma L (z L s j tau)) * (cost_1 j [seq a L s k tau | k <- index_iota 1%N (n L).+1]
    [seq y s k tau | k <- index_iota 1%N (n L).+1]) / S_%:R.
Hypothesis h_delta_of_the_last_layer_permuted_network : forall (s j : nat) (tau : real), (1 <= s <= S_)%N -> (1 <=
  j <= n L)%N ->
  delta_tilde L s j tau = (dsigma L (z_tilde L s j tau))
    * (cost_1 j [seq a_tilde L s k tau | k <- index_iota 1%N (n L).+1]
    [seq y s k tau | k <- index_iota 1%N (n L).+1]) / S_%:R.
Hypothesis exp_differentiable : forall u : real, deriv u exp (exp u).
Hypothesis h_weighted_gap_of_two_neurons : forall tau : real, E tau = (((b m p tau - b m q tau) ^+ 2)
  + (\sum_(1 <= k < (n (m - 1)%N).+1) ((w m p k tau - w m q k tau) ^+ 2))
  + (\sum_(1 <= j < (n (m + 1)%N).+1) ((w (m + 1)%N j p tau - w (m + 1)%N j q tau) ^+ 2)))
  * (exp (2%:R * K tau * t tau)).
Hypothesis E_moves : deriv tau0 E dE.
Hypothesis K_moves : deriv tau0 K dK.
Hypothesis t_moves : deriv tau0 t dt.
Hypothesis b_moves : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> deriv tau0 (b l j) (db l j).
Hypothesis w_moves : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  deriv tau0 (w l j k) (dw l j k).
Hypothesis h_flow_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  db l j = - grad_b l j tau0.
Hypothesis h_flow_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  (1 <= k <= n (l - 1)%N)%N -> dw l j k = - grad_w l j k tau0.
Hypothesis h_K_is_constant : dK = 0.
Hypothesis h_time_passes : dt = 1.

Theorem T9_the_weighted_gap_of_two_neurons_grows : K tau0 * dE =
  ((((b m p tau0 - b m q tau0) * K tau0 - grad_b m p tau0 + grad_b m q tau0) ^+ 2) + (1%:R / 2%:R) * rho tau0
  + (\sum_(1 <= k < (n (m - 1)%N).+1) (((w m p k tau0 - w m q k tau0) * K tau0 - grad_w m p k tau0
    + grad_w m q k tau0) ^+ 2))
  + (\sum_(1 <= j < (n (m + 1)%N).+1) (((w (m + 1)%N j p tau0 - w (m + 1)%N j q tau0) * K tau0
    - grad_w (m + 1)%N j p tau0 + grad_w (m + 1)%N j q tau0) ^+ 2))) * (exp (2%:R * K tau0 * t tau0)).
Proof.
have [mL m1L] : (1 <= m <= L)%N /\ (1 <= m + 1 <= L)%N by lia.
have [pn qn] : (1 <= p <= n m)%N /\ (1 <= q <= n m)%N by lia.
have inner i : (1 <= i <= n m)%N -> (1 <= i <= n (m + 1 - 1)%N)%N by rewrite addnK.
have rho_is := @T9_the_bound_for_two_neurons real L S_ n pi dsigma sigma cost_1 (K tau0) (rho tau0)
  (fun l s j => a l s j tau0) (fun l s j => a_tilde l s j tau0) (fun l s j => delta l s j tau0)
  (fun l s j => delta_tilde l s j tau0) (fun l s j => z l s j tau0) (fun l s j => z_tilde l s j tau0)
  (fun l j => b l j tau0) (fun l j => b_tilde l j tau0) (fun l j => grad_b l j tau0)
  (fun l j => grad_b_tilde l j tau0) (fun s j => x s j tau0) (fun s j => y s j tau0)
  (fun l j k => grad_w l j k tau0) (fun l j k => grad_w_tilde l j k tau0) (fun l j k => w l j k tau0)
  (fun l j k => w_tilde l j k tau0) m p q.
rewrite rho_is; try by auto.
have D := deriv_add (deriv_add
  (deriv_square_of_difference (b_moves mL pn) (b_moves mL qn))
  (deriv_sum (fun k kn => deriv_square_of_difference (w_moves mL pn kn) (w_moves mL qn kn))))
  (deriv_sum (fun j jn => deriv_square_of_difference (w_moves m1L jn (inner _ pn)) (w_moves m1L jn (inner _ qn)))).
have E_is tau := etrans (h_weighted_gap_of_two_neurons tau) (mulrC _ _).
rewrite (weighted exp_differentiable E_is E_moves K_moves t_moves h_K_is_constant h_time_passes D).
pose x1 k := w m p k tau0 - w m q k tau0; pose g1 k := grad_w m p k tau0 - grad_w m q k tau0.
pose x2 j := w (m + 1)%N j p tau0 - w (m + 1)%N j q tau0.
pose g2 j := grad_w (m + 1)%N j p tau0 - grad_w (m + 1)%N j q tau0.
rewrite (@sum_square_of _ (n (m - 1)%N) (fun k => (w m p k tau0 - w m q k tau0) * K tau0 - grad_w m p k tau0
  + grad_w m q k tau0) x1 g1 (K tau0) (- 1)); last first.
  by move=> k kn; rewrite /x1 /g1; ring.
rewrite (@sum_square_of _ (n (m + 1)%N) (fun j => (w (m + 1)%N j p tau0 - w (m + 1)%N j q tau0) * K tau0
  - grad_w (m + 1)%N j p tau0 + grad_w (m + 1)%N j q tau0) x2 g2 (K tau0) (- 1)); last first.
  by move=> k kn; rewrite /x2 /g2; ring.
have -> : \sum_(1 <= k < (n (m - 1)%N).+1) 2%:R * (w m p k tau0 - w m q k tau0) * (dw m p k - dw m q k)
    = - 2%:R * (\sum_(1 <= k < (n (m - 1)%N).+1) x1 k * g1 k).
  by rewrite mulr_sumr; apply: eq_sum => k kn; rewrite !h_flow_of_the_weights // /x1 /g1; ring.
have -> : \sum_(1 <= j < (n (m + 1)%N).+1) 2%:R * (w (m + 1)%N j p tau0 - w (m + 1)%N j q tau0)
    * (dw (m + 1)%N j p - dw (m + 1)%N j q) = - 2%:R * (\sum_(1 <= j < (n (m + 1)%N).+1) x2 j * g2 j).
  by rewrite mulr_sumr; apply: eq_sum => k kn; rewrite !h_flow_of_the_weights ?addnK // /x2 /g2; ring.
by rewrite !h_flow_of_the_biases // /x1 /g1 /x2 /g2; field.
Qed.
End TwoNeurons.
