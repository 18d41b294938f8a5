(* T11 (proofs/t11_closed_form.py), counted from 1 as it is printed: gradient flow of a linear network in closed form.
   Along a path every quantity is a function of tau, dT is the derivative of T at one place of it. exp is any function
   with exp 0 = 1 and exp (u + v) = exp u * exp v, and sqrt any that gives roots that are not negative. That what has
   the derivative 0 is constant is a hypothesis, as it is printed. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import EpsilonDelta Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Lemma deriv_opp (real : realFieldType) (tau0 : real) (f : real -> real) df :
  deriv tau0 f df -> deriv tau0 (fun tau => - f tau) (- df).
Proof.
move=> F; have := deriv_mul (deriv_const tau0 (- 1)) F; rewrite mulr0 addr0 mulN1r.
by apply: deriv_ext => tau; rewrite mulN1r.
Qed.

(* ------------------------------------------ the gradients, at one place ------------------------------------------ *)
Section Gradients.
Variables (real : realFieldType) (B H : nat) (bar_f f : nat -> real) (m s u : real) (v w x y : nat -> real).
Hypothesis h_error_of_the_output : forall k : nat, (1 <= k <= B)%N -> bar_f k = (f k - y k) / B%:R.
Hypothesis h_mean_square_of_the_input : m = (\sum_(1 <= k < B.+1) (x k ^+ 2)) / B%:R.
Hypothesis h_network : forall k : nat, (1 <= k <= B)%N -> f k = x k * (\sum_(1 <= i < H.+1) v i * w i).
Hypothesis h_product : u = \sum_(1 <= i < H.+1) v i * w i.
Hypothesis h_strength : s = (\sum_(1 <= k < B.+1) x k * y k) / B%:R.

(* the error as the input sees it *)
Lemma seen_by_the_input : \sum_(1 <= k < B.+1) bar_f k * x k = m * u - s.
Proof.
rewrite h_mean_square_of_the_input h_strength !mulr_suml -sumrB; apply: eq_sum => k kB.
by rewrite h_error_of_the_output // h_network // -h_product; move: (B%:R^-1) => c; ring.
Qed.

Theorem T11_gradient_of_the_incoming_weights (grad_w : nat -> real) i : (1 <= i <= H)%N ->
  (forall i : nat, (1 <= i <= H)%N -> grad_w i = v i * (\sum_(1 <= k < B.+1) bar_f k * x k)) ->
  grad_w i = (m * u - s) * v i.
Proof. by move=> iH -> //; rewrite seen_by_the_input mulrC. Qed.

Theorem T11_gradient_of_the_outgoing_weights (grad_v : nat -> real) i : (1 <= i <= H)%N ->
  (forall i : nat, (1 <= i <= H)%N -> grad_v i = w i * (\sum_(1 <= k < B.+1) bar_f k * x k)) ->
  grad_v i = (m * u - s) * w i.
Proof. by move=> iH -> //; rewrite seen_by_the_input mulrC. Qed.
End Gradients.

(* ------------------------------------------------- along the flow ------------------------------------------------- *)
Section Flow.
Variables (real : realFieldType) (B H : nat) (bar_f f grad_v grad_w p q v w x y : nat -> real -> real).
Variables (dv dw : nat -> real) (m s u : real -> real) (tau0 : real).
Hypothesis v_moves : forall i : nat, (1 <= i <= H)%N -> deriv tau0 (v i) (dv i).
Hypothesis w_moves : forall i : nat, (1 <= i <= H)%N -> deriv tau0 (w i) (dw i).
Hypothesis h_error_of_the_output : forall (k : nat) (tau : real), (1 <= k <= B)%N ->
  bar_f k tau = (f k tau - y k tau) / B%:R.
Hypothesis h_gradient_of_the_incoming_weights : forall (i : nat) (tau : real), (1 <= i <= H)%N ->
  grad_w i tau = v i tau * (\sum_(1 <= k < B.+1) bar_f k tau * x k tau).
Hypothesis h_gradient_of_the_outgoing_weights : forall (i : nat) (tau : real), (1 <= i <= H)%N ->
  grad_v i tau = w i tau * (\sum_(1 <= k < B.+1) bar_f k tau * x k tau).
Hypothesis h_mean_square_of_the_input : forall tau : real, m tau = (\sum_(1 <= k < B.+1) (x k tau ^+ 2)) / B%:R.
Hypothesis h_network : forall (k : nat) (tau : real), (1 <= k <= B)%N ->
  f k tau = x k tau * (\sum_(1 <= i < H.+1) v i tau * w i tau).
Hypothesis h_product : forall tau : real, u tau = \sum_(1 <= i < H.+1) v i tau * w i tau.
Hypothesis h_strength : forall tau : real, s tau = (\sum_(1 <= k < B.+1) x k tau * y k tau) / B%:R.
Hypothesis h_gradient_flow_on_the_incoming_weights : forall i : nat, (1 <= i <= H)%N -> dw i = - grad_w i tau0.
Hypothesis h_gradient_flow_on_the_outgoing_weights : forall i : nat, (1 <= i <= H)%N -> dv i = - grad_v i tau0.

Lemma rate tau : \sum_(1 <= k < B.+1) bar_f k tau * x k tau = m tau * u tau - s tau.
Proof.
apply: (@seen_by_the_input _ B H (bar_f^~ tau) (f^~ tau) _ _ _ (v^~ tau) (w^~ tau) (x^~ tau) (y^~ tau)) => //.
- by move=> k; exact: h_error_of_the_output.
- by move=> k; exact: h_network.
Qed.
Lemma dw_is i : (1 <= i <= H)%N -> dw i = (- (m tau0 * u tau0) + s tau0) * v i tau0.
Proof.
by move=> iH; rewrite h_gradient_flow_on_the_incoming_weights // h_gradient_of_the_incoming_weights // rate; ring.
Qed.
Lemma dv_is i : (1 <= i <= H)%N -> dv i = (- (m tau0 * u tau0) + s tau0) * w i tau0.
Proof.
by move=> iH; rewrite h_gradient_flow_on_the_outgoing_weights // h_gradient_of_the_outgoing_weights // rate; ring.
Qed.

Section Sums.
Hypothesis h_sums : forall (i : nat) (tau : real), (1 <= i <= H)%N -> p i tau = v i tau + w i tau.
Theorem T11_equation_of_the_sums i : (1 <= i <= H)%N ->
  deriv tau0 (p i) ((- (m tau0 * u tau0) + s tau0) * p i tau0).
Proof.
move=> iH; have -> : (- (m tau0 * u tau0) + s tau0) * p i tau0 = dv i + dw i.
  by rewrite dv_is // dw_is // h_sums //; ring.
by apply: deriv_ext (deriv_add (v_moves iH) (w_moves iH)) => tau; rewrite h_sums.
Qed.

Section Differentials.
Variable dp : nat -> real.
Hypothesis p_moves : forall i : nat, (1 <= i <= H)%N -> deriv tau0 (p i) (dp i).
Lemma dp_is i : (1 <= i <= H)%N -> dp i = (- (m tau0 * u tau0) + s tau0) * p i tau0.
Proof. by move=> iH; exact: deriv_uniq (p_moves iH) (T11_equation_of_the_sums iH). Qed.

Theorem T11_a_gap_grows_with_its_neurons i j : (1 <= i <= H)%N -> (1 <= j <= H)%N ->
  dp i - dp j = (- (m tau0 * u tau0) + s tau0) * (p i tau0 - p j tau0).
Proof. by move=> iH jH; rewrite !dp_is // mulrBr. Qed.

Theorem T11_sums_against_the_exponential (exp theta : real -> real) dtheta i : (1 <= i <= H)%N ->
  dtheta = - (m tau0 * u tau0) + s tau0 ->
  - ((exp (- theta tau0)) * dtheta * p i tau0) + (exp (- theta tau0)) * dp i = 0.
Proof. by move=> iH ->; rewrite dp_is //; ring. Qed.
End Differentials.
End Sums.

Section Differences.
Hypothesis h_differences : forall (i : nat) (tau : real), (1 <= i <= H)%N -> q i tau = - v i tau + w i tau.
Theorem T11_equation_of_the_differences i : (1 <= i <= H)%N ->
  deriv tau0 (q i) ((m tau0 * u tau0 - s tau0) * q i tau0).
Proof.
move=> iH; have -> : (m tau0 * u tau0 - s tau0) * q i tau0 = - dv i + dw i.
  by rewrite dv_is // dw_is // h_differences //; ring.
by apply: deriv_ext (deriv_add (deriv_opp (v_moves iH)) (w_moves iH)) => tau; rewrite h_differences.
Qed.

Variable dq : nat -> real.
Hypothesis q_moves : forall i : nat, (1 <= i <= H)%N -> deriv tau0 (q i) (dq i).
Lemma dq_is i : (1 <= i <= H)%N -> dq i = (m tau0 * u tau0 - s tau0) * q i tau0.
Proof. by move=> iH; exact: deriv_uniq (q_moves iH) (T11_equation_of_the_differences iH). Qed.

Theorem T11_differences_against_the_exponential (exp theta : real -> real) dtheta i : (1 <= i <= H)%N ->
  dtheta = - (m tau0 * u tau0) + s tau0 ->
  (exp (theta tau0)) * dtheta * q i tau0 + (exp (theta tau0)) * dq i = 0.
Proof. by move=> iH ->; rewrite dq_is //; ring. Qed.

Theorem T11_products_are_conserved (dp : nat -> real) i j : (1 <= i <= H)%N -> (1 <= j <= H)%N ->
  (forall (i : nat) (tau : real), (1 <= i <= H)%N -> p i tau = v i tau + w i tau) ->
  (forall i : nat, (1 <= i <= H)%N -> deriv tau0 (p i) (dp i)) -> dp i * q j tau0 + dq j * p i tau0 = 0.
Proof. by move=> iH jH sums p_moves; rewrite (dp_is sums p_moves) // dq_is //; ring. Qed.
End Differences.

(* -------------------------------------------------- the product -------------------------------------------------- *)
Theorem T11_equation_of_the_product :
  deriv tau0 u ((- (m tau0 * u tau0) + s tau0) * (\sum_(1 <= i < H.+1) ((v i tau0 ^+ 2) + (w i tau0 ^+ 2)))).
Proof.
have D := deriv_sum (fun i iH => deriv_mul (v_moves iH) (w_moves iH)).
have -> : (- (m tau0 * u tau0) + s tau0) * (\sum_(1 <= i < H.+1) ((v i tau0 ^+ 2) + (w i tau0 ^+ 2)))
    = \sum_(1 <= i < H.+1) (v i tau0 * dw i + w i tau0 * dv i).
  by rewrite mulr_sumr; apply: eq_sum => i iH; rewrite dv_is // dw_is //; ring.
by apply: deriv_ext D => tau; rewrite h_product.
Qed.

Section Saxe.
Hypothesis h_balanced_weights : forall i : nat, (1 <= i <= H)%N -> v i tau0 = w i tau0.
Theorem T11_Saxe_s_equation : deriv tau0 u (2%:R * (- (m tau0 * u tau0) + s tau0) * u tau0).
Proof.
have := T11_equation_of_the_product.
suff -> : \sum_(1 <= i < H.+1) ((v i tau0 ^+ 2) + (w i tau0 ^+ 2)) = 2%:R * u tau0.
  by rewrite mulrA [_ * 2%:R]mulrC.
by rewrite h_product mulr_sumr; apply: eq_sum => i iH; rewrite h_balanced_weights //; ring.
Qed.
End Saxe.
End Flow.

(* ------------------------------------------------ the exponential ------------------------------------------------ *)
Section Exponential.
Variables (real : realFieldType) (exp : real -> real).
Hypothesis exp_of_0 : exp 0 = 1.
Hypothesis exp_of_a_sum : forall u v : real, exp (u + v) = exp u * exp v.
Implicit Types u : real.

Lemma exp_opp u : exp u * exp (- u) = 1.
Proof. by rewrite -exp_of_a_sum subrr. Qed.
Lemma opp_exp u : exp (- u) * exp u = 1.
Proof. by rewrite mulrC exp_opp. Qed.
Lemma exp_neq0 u : exp u != 0.
Proof. by apply/eqP => E; have /eqP := exp_opp u; rewrite E mul0r eq_sym oner_eq0. Qed.
Lemma exp_twice u : exp (2%:R * u) = exp u ^+ 2.
Proof. by rewrite -[2%:R]/(1 + 1) mulrDl mul1r exp_of_a_sum expr2. Qed.
Lemma exp_minus_twice u : exp (- (2%:R * u)) = exp (- u) ^+ 2.
Proof. by rewrite -mulrN exp_twice. Qed.

(* sums and differences, which were 0 if they are 0, and are the same multiple of what they were *)
Section Solved.
Variables (H : nat) (p p_0 q q_0 : nat -> real) (theta : real).
Hypothesis h_sums_derivative_0_hence_constant_mean_value_theorem : forall i : nat, (1 <= i <= H)%N ->
  p_0 i = (exp (- theta)) * p i.
Hypothesis h_differences_derivative_0_hence_constant_mean_value_theorem : forall i : nat, (1 <= i <= H)%N ->
  q_0 i = (exp theta) * q i.

Theorem T11_sums_solved i : (1 <= i <= H)%N -> p i = (exp theta) * p_0 i.
Proof.
by move=> iH; rewrite h_sums_derivative_0_hence_constant_mean_value_theorem // mulrA exp_opp mul1r.
Qed.
Theorem T11_differences_solved i : (1 <= i <= H)%N -> q i = (exp (- theta)) * q_0 i.
Proof.
by move=> iH; rewrite h_differences_derivative_0_hence_constant_mean_value_theorem // mulrA opp_exp mul1r.
Qed.
End Solved.

Section Neurons.
Variables (H : nat) (p p_0 q q_0 : nat -> real) (theta : real) (i j : nat).
Hypothesis i_range : (1 <= i <= H)%N.
Hypothesis j_range : (1 <= j <= H)%N.

Section Sums.
Hypothesis start : forall i : nat, (1 <= i <= H)%N -> p_0 i = (exp (- theta)) * p i.
Theorem T11_ratios_are_conserved : p i * p_0 j = p j * p_0 i.
Proof. by rewrite !start //; ring. Qed.
Theorem T11_equal_sums_were_always_equal : p i = p j -> p_0 i = p_0 j.
Proof. by move=> E; rewrite !start // E. Qed.
Theorem T11_equal_sums_stay_equal : p_0 i = p_0 j -> p i = p j.
Proof. by move=> E; rewrite !(T11_sums_solved start) // E. Qed.
End Sums.
Section Differences.
Hypothesis start : forall i : nat, (1 <= i <= H)%N -> q_0 i = (exp theta) * q i.
Theorem T11_equal_differences_were_always_equal : q i = q j -> q_0 i = q_0 j.
Proof. by move=> E; rewrite !start // E. Qed.
Theorem T11_equal_differences_stay_equal : q_0 i = q_0 j -> q i = q j.
Proof. by move=> E; rewrite !(T11_differences_solved start) // E. Qed.
End Differences.
End Neurons.

(* -------------------------------------------- one equation, the limit -------------------------------------------- *)
Section Product.
Variables (H : nat) (P R theta u : real) (p p_0 q q_0 v w : nat -> real).
Hypothesis h_differences : forall i : nat, (1 <= i <= H)%N -> q i = - v i + w i.
Hypothesis h_product : u = \sum_(1 <= i < H.+1) v i * w i.
Hypothesis h_size_of_the_differences : R = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (q_0 i ^+ 2)).
Hypothesis h_size_of_the_sums : P = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (p_0 i ^+ 2)).
Hypothesis h_sums : forall i : nat, (1 <= i <= H)%N -> p i = v i + w i.
Hypothesis h_differences_derivative_0_hence_constant_mean_value_theorem : forall i : nat, (1 <= i <= H)%N ->
  q_0 i = (exp theta) * q i.
Hypothesis h_sums_derivative_0_hence_constant_mean_value_theorem : forall i : nat, (1 <= i <= H)%N ->
  p_0 i = (exp (- theta)) * p i.

Theorem T11_product : u = (exp (2%:R * theta)) * P - ((exp (- (2%:R * theta))) * R).
Proof.
rewrite h_product h_size_of_the_sums h_size_of_the_differences exp_twice exp_minus_twice.
rewrite !mulrA !mulr_sumr -sumrB; apply: eq_sum => i iH.
have P_i : p i = exp theta * p_0 i.
  exact: (T11_sums_solved h_sums_derivative_0_hence_constant_mean_value_theorem).
have Q_i : q i = exp (- theta) * q_0 i.
  exact: (T11_differences_solved h_differences_derivative_0_hence_constant_mean_value_theorem).
transitivity ((1%:R / 4%:R) * (p i ^+ 2 - q i ^+ 2)); first by rewrite h_sums // h_differences //; field.
by rewrite P_i Q_i; ring.
Qed.
End Product.

Theorem T11_one_equation (H : nat) (P R m s theta u : real -> real) (p p_0 q q_0 v w : nat -> real -> real)
  (tau0 dtheta : real) :
  (forall (i : nat) (tau : real), (1 <= i <= H)%N -> q i tau = - v i tau + w i tau) ->
  (forall tau : real, u tau = \sum_(1 <= i < H.+1) v i tau * w i tau) ->
  (forall tau : real, R tau = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (q_0 i tau ^+ 2))) ->
  (forall tau : real, P tau = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (p_0 i tau ^+ 2))) ->
  (forall (i : nat) (tau : real), (1 <= i <= H)%N -> p i tau = v i tau + w i tau) ->
  (forall i : nat, (1 <= i <= H)%N -> q_0 i tau0 = (exp (theta tau0)) * q i tau0) ->
  (forall i : nat, (1 <= i <= H)%N -> p_0 i tau0 = (exp (- theta tau0)) * p i tau0) ->
  dtheta = - (m tau0 * u tau0) + s tau0 ->
  2%:R * (exp (2%:R * theta tau0)) * dtheta = - (2%:R * (exp (4%:R * theta tau0)) * P tau0 * m tau0)
    + 2%:R * (exp (2%:R * theta tau0)) * s tau0 + 2%:R * R tau0 * m tau0.
Proof.
move=> q_is u_is R_is P_is p_is q0_is p0_is ->.
have /= -> := T11_product (q_is^~ tau0) (u_is tau0) (R_is tau0) (P_is tau0) (p_is^~ tau0) q0_is p0_is.
have -> : exp (4%:R * theta tau0) = exp (2%:R * theta tau0) ^+ 2 by rewrite -exp_twice mulrA -natrM.
have := exp_opp (2%:R * theta tau0); move: (exp _) (exp (- _)) => e e' ee'.
by rewrite -[in 2%:R * R tau0](mul1r (R tau0)) -ee'; ring.
Qed.

(* at rest e^(2 theta) is the positive root of one equation; what is called both terms is not needed for it *)
Theorem T11_limit (sqrt : real -> real) (B H : nat) (D P R m s theta u : real) (p p_0 q q_0 v w x : nat -> real) :
  (forall u : real, 0 <= u -> 0 <= sqrt u) -> (forall u : real, 0 <= u -> sqrt u ^+ 2 = u) ->
  (forall i : nat, (1 <= i <= H)%N -> q i = - v i + w i) -> m = (\sum_(1 <= k < B.+1) (x k ^+ 2)) / B%:R ->
  u = \sum_(1 <= i < H.+1) v i * w i ->
  D = sqrt ((s ^+ 2) + (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (p_0 i ^+ 2)) * (\sum_(1 <= i < H.+1) (q_0 i ^+ 2))
    * ((\sum_(1 <= k < B.+1) (x k ^+ 2)) ^+ 2) / (B%:R ^+ 2)) ->
  R = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (q_0 i ^+ 2)) ->
  P = (1%:R / 4%:R) * (\sum_(1 <= i < H.+1) (p_0 i ^+ 2)) -> (forall i : nat, (1 <= i <= H)%N -> p i = v i + w i) ->
  (forall i : nat, (1 <= i <= H)%N -> q_0 i = (exp theta) * q i) -> s = m * u ->
  (forall i : nat, (1 <= i <= H)%N -> p_0 i = (exp (- theta)) * p i) ->
  2%:R * (exp (2%:R * theta)) * P * m = D + s.
Proof.
move=> root_ge0 root_squared q_is m_is u_is D_is R_is P_is p_is q0_is rest p0_is.
have squares n (g : nat -> real) : 0 <= \sum_(1 <= k < n.+1) g k ^+ 2 by apply: sumr_ge0 => k _; exact: sqr_ge0.
have m0 : 0 <= m by rewrite m_is mulr_ge0 ?invr_ge0 ?ler0n.
have P0 : 0 <= P by rewrite P_is mulr_ge0 ?divr_ge0 ?ler0n.
have R0 : 0 <= R by rewrite R_is mulr_ge0 ?divr_ge0 ?ler0n.
have e0 : 0 <= exp (2%:R * theta) by rewrite exp_twice sqr_ge0.
have e0' : 0 <= exp (- (2%:R * theta)) by rewrite exp_minus_twice sqr_ge0.
have s_is : s = m * (exp (2%:R * theta) * P - exp (- (2%:R * theta)) * R).
  by rewrite rest (T11_product q_is u_is R_is P_is p_is q0_is p0_is).
have inverse := exp_opp (2%:R * theta).
move: (exp (2%:R * theta)) (exp (- (2%:R * theta))) e0 e0' s_is inverse => e e' e0 e0' s_is inverse.
have both0 : 0 <= m * (e * P + e' * R) by rewrite mulr_ge0 ?addr_ge0 ?mulr_ge0.
have D_root : D = sqrt ((m * (e * P + e' * R)) ^+ 2).
  rewrite D_is; congr sqrt; transitivity (s ^+ 2 + (e * e') * 4%:R * (m ^+ 2) * P * R); last by rewrite s_is; ring.
  by rewrite inverse m_is P_is R_is -exprVn; move: (B%:R^-1) => c; field.
have -> : D = m * (e * P + e' * R).
  apply/eqP; rewrite -(@eqr_expn2 _ 2) //; last by rewrite D_root root_ge0 ?sqr_ge0.
  by rewrite D_root root_squared ?sqr_ge0.
by rewrite s_is; ring.
Qed.

(* ------------------------------------------------ Saxe's solution ------------------------------------------------ *)
Theorem T11_Saxe_s_formula (c m omega s t u u_0 : real) : c = (- (m * u) + s) * (exp (- omega + 2%:R * s * t)) ->
  u = exp omega -> c * u_0 = - (m * u_0) + s ->
  ((exp (2%:R * s * t)) * m * u_0 - (m * u_0) + s) * u = (exp (2%:R * s * t)) * s * u_0.
Proof.
move=> c_is u_is start; have -> : exp (2%:R * s * t) = u * exp (- omega + 2%:R * s * t).
  by rewrite exp_of_a_sum u_is mulrA exp_opp mul1r.
move: (exp (- omega + 2%:R * s * t)) c_is => e c_is.
transitivity (u * e * m * u_0 * u + c * u_0 * u); last by rewrite c_is; ring.
by rewrite start; ring.
Qed.

(* a mean of products of what is fixed is fixed *)
Lemma mean_is_fixed (tau0 : real) B (x y : nat -> real -> real) (dx dy : nat -> real) (F : real -> real) dF :
  (forall tau, F tau = (\sum_(1 <= k < B.+1) x k tau * y k tau) / B%:R) ->
  (forall k, (1 <= k <= B)%N -> deriv tau0 (x k) (dx k)) -> (forall k, (1 <= k <= B)%N -> deriv tau0 (y k) (dy k)) ->
  (forall k, (1 <= k <= B)%N -> dx k = 0) -> (forall k, (1 <= k <= B)%N -> dy k = 0) -> deriv tau0 F dF -> dF = 0.
Proof.
move=> F_is Dx Dy x0 y0 DF.
have D := deriv_mul (deriv_sum (fun k kB => deriv_mul (Dx k kB) (Dy k kB))) (deriv_const tau0 (B%:R^-1)).
rewrite (deriv_uniq DF (deriv_ext (fun tau => esym (F_is tau)) D)) mulr0 add0r big_nat big1 ?mulr0 // => k.
by rewrite ltnS => kB; rewrite x0 // y0 // !mulr0 addr0.
Qed.

Theorem T11_Saxe_s_quantity (B H : nat) (bar_f f grad_v grad_w v w x y : nat -> real -> real)
  (dv dw dx dy : nat -> real) (m omega s t u : real -> real) (tau0 dm domega ds dt du : real) :
  (forall u : real, deriv u exp (exp u)) -> deriv tau0 m dm -> deriv tau0 omega domega -> deriv tau0 s ds ->
  deriv tau0 u du ->
  (forall i : nat, (1 <= i <= H)%N -> deriv tau0 (v i) (dv i)) ->
  (forall i : nat, (1 <= i <= H)%N -> deriv tau0 (w i) (dw i)) ->
  (forall k : nat, (1 <= k <= B)%N -> deriv tau0 (x k) (dx k)) ->
  (forall k : nat, (1 <= k <= B)%N -> deriv tau0 (y k) (dy k)) ->
  (forall (k : nat) (tau : real), (1 <= k <= B)%N -> bar_f k tau = (f k tau - y k tau) / B%:R) ->
  (forall (i : nat) (tau : real), (1 <= i <= H)%N ->
    grad_w i tau = v i tau * (\sum_(1 <= k < B.+1) bar_f k tau * x k tau)) ->
  (forall (i : nat) (tau : real), (1 <= i <= H)%N ->
    grad_v i tau = w i tau * (\sum_(1 <= k < B.+1) bar_f k tau * x k tau)) ->
  (forall tau : real, m tau = (\sum_(1 <= k < B.+1) (x k tau ^+ 2)) / B%:R) ->
  (forall (k : nat) (tau : real), (1 <= k <= B)%N ->
    f k tau = x k tau * (\sum_(1 <= i < H.+1) v i tau * w i tau)) ->
  (forall tau : real, u tau = \sum_(1 <= i < H.+1) v i tau * w i tau) ->
  (forall tau : real, s tau = (\sum_(1 <= k < B.+1) x k tau * y k tau) / B%:R) ->
  (forall i : nat, (1 <= i <= H)%N -> v i tau0 = w i tau0) ->
  (forall i : nat, (1 <= i <= H)%N -> dw i = - grad_w i tau0) ->
  (forall i : nat, (1 <= i <= H)%N -> dv i = - grad_v i tau0) ->
  (forall k : nat, (1 <= k <= B)%N -> dx k = 0) -> (forall tau : real, u tau = exp (omega tau)) ->
  (forall k : nat, (1 <= k <= B)%N -> dy k = 0) -> dt = 1 ->
  (- (m tau0 * u tau0) + s tau0) * (- domega + 2%:R * ds * t tau0 + 2%:R * dt * s tau0)
    * (exp (- omega tau0 + 2%:R * s tau0 * t tau0))
  + (- (dm * u tau0) + ds - (du * m tau0)) * (exp (- omega tau0 + 2%:R * s tau0 * t tau0)) = 0.
Proof.
move=> exp_moves Dm Do Ds Du Dv Dw Dx Dy error grad_w_is grad_v_is m_is net u_is s_is same flow_w flow_v x0 u_exp y0 ->.
have -> : dm = 0.
  by apply: (@mean_is_fixed tau0 B x x dx dx m) => // tau; rewrite m_is; under eq_bigr do rewrite expr2.
have -> : ds = 0 by exact: (mean_is_fixed s_is Dx Dy x0 y0 Ds).
have du_is : du = 2%:R * (- (m tau0 * u tau0) + s tau0) * u tau0.
  apply: deriv_uniq Du _.
  exact: (T11_Saxe_s_equation Dv Dw error grad_w_is grad_v_is m_is net u_is s_is flow_w flow_v same).
have du_omega : du = u tau0 * domega.
  by rewrite u_exp; apply: deriv_uniq Du (deriv_ext (fun tau => esym (u_exp tau)) (deriv_comp (exp_moves _) Do)).
have -> : domega = 2%:R * (- (m tau0 * u tau0) + s tau0).
  by apply: (@mulfI _ (u tau0)); rewrite ?u_exp ?exp_neq0 // -u_exp -du_omega du_is; ring.
by rewrite du_is; ring.
Qed.
End Exponential.
