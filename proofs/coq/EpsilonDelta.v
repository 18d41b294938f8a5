(* T2 with the derivative of the textbooks, f(x + h) = f(x) + d h + o(h), over every ordered field.

   deriv x f d           f has the derivative d at x
   deriv_uniq            there is at most one
   dC_dW, dC_dB          the gradients of Backpropagation.v are the derivatives of the cost
   dsqerr_dW             the same for the squared error, with nothing assumed of the cost *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Network Backpropagation.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Section EpsDelta.
Variable R : realFieldType.
Implicit Types (f g q : R -> R) (x d e r h : R).

(* the textbook definition: f(x+h) = f(x) + d h + o(h) *)
Definition deriv x f d := forall e, 0 < e -> exists2 r, 0 < r &
  forall h, `|h| < r -> `|f (x + h) - f x - d * h| <= e * `|h|.

Definition cont0 q := forall e, 0 < e -> exists2 r, 0 < r &
  forall h, `|h| < r -> `|q h - q 0| < e.
Definition carath x f d := exists q, [/\ cont0 q, q 0 = d & forall h, f (x + h) = f x + h * q h].

Lemma derivP x f d : deriv x f d <-> carath x f d.
Proof.
split=> [H|[q [qc <- qE]] e e0]; last first.
  have [r r0 Hr] := qc e e0; exists r => // h hr.
  rewrite qE [f x + _]addrC addrK [q 0 * h]mulrC -mulrBr normrM mulrC.
  by rewrite ler_wpmul2r // ltW // Hr.
exists (fun h => if h == 0 then d else (f (x + h) - f x) / h); split; rewrite ?eqxx //.
  move=> e e0; have [r r0 Hr] := H (e / 2%:R) (divr_gt0 e0 (ltr0Sn _ _)).
  exists r => // h hr; rewrite eqxx; case: eqP => [_|/eqP h0]; first by rewrite subrr normr0.
  have -> : (f (x + h) - f x) / h - d = (f (x + h) - f x - d * h) / h.
    by rewrite [RHS]mulrBl mulfK.
  rewrite normrM normfV ltr_pdivr_mulr ?normr_gt0 //.
  apply: le_lt_trans (Hr h hr) _; rewrite ltr_pmul2r ?normr_gt0 //.
  by rewrite ltr_pdivr_mulr ?ltr0Sn // mulr_natr mulr2n ltr_addl.
move=> h; case: eqP => [->|/eqP h0]; first by rewrite mul0r !addr0.
by rewrite [h * _]mulrC divfK // addrCA subrr addr0.
Qed.

Lemma cont0_cst c : cont0 (fun=> c).
Proof. by move=> e e0; exists 1 => // h _; rewrite subrr normr0. Qed.
Lemma cont0_id : cont0 id.
Proof. by move=> e e0; exists e => // h; rewrite subr0. Qed.

Lemma min_r r1 r2 : 0 < r1 -> 0 < r2 -> exists2 r, 0 < r & forall h, h < r -> h < r1 /\ h < r2.
Proof.
move=> r10 r20; case: (leP r1 r2) => H.
  by exists r1 => // h hr; split=> //; exact: lt_le_trans hr H.
by exists r2 => // h hr; split=> //; exact: lt_trans hr H.
Qed.

Lemma cont0_add f g : cont0 f -> cont0 g -> cont0 (fun h => f h + g h).
Proof.
move=> fc gc e e0; have e20 : 0 < e / 2%:R by rewrite divr_gt0 ?ltr0Sn.
have [r1 r10 H1] := fc _ e20; have [r2 r20 H2] := gc _ e20.
have [r r0 Hr] := min_r r10 r20; exists r => // h /Hr[/H1 h1 /H2 h2].
rewrite opprD addrACA; apply: le_lt_trans (ler_norm_add _ _) _.
have -> : e = e / 2%:R + e / 2%:R by rewrite -mulrDl -mulr2n -mulr_natr mulfK ?pnatr_eq0.
exact: ltr_add.
Qed.

Lemma cont0_mul f g : cont0 f -> cont0 g -> cont0 (fun h => f h * g h).
Proof.
move=> fc gc e e0; set M := 1 + `|f 0| + `|g 0|.
have M0 : 0 < M by rewrite /M -addrA ltr_paddr // addr_ge0.
have eM : 0 < e / M by rewrite divr_gt0.
have [r1 r10 H1] := fc _ eM; have [r2 r20 H2] := gc _ eM; have [r3 r30 H3] := gc 1 ltr01.
have [r4 r40 Hr4] := min_r r10 r20; have [r r0 Hr] := min_r r40 r30.
exists r => // h /Hr[/Hr4[/H1 h1 /H2 h2] /H3 h3].
have -> : f h * g h - f 0 * g 0 =
  (f h - f 0) * (g h - g 0) + (f 0 * (g h - g 0) + (f h - f 0) * g 0).
  by rewrite addrCA -mulrDr subrK [RHS]addrC mulrBr mulrBl addrA subrK.
apply: le_lt_trans (ler_norm_add _ _) _; apply: le_lt_trans (ler_add (lexx _) (ler_norm_add _ _)) _.
rewrite !normrM.
have -> : e = e / M + (`|f 0| * (e / M) + e / M * `|g 0|).
  by rewrite [`|f 0| * _]mulrC -mulrDr -{1}[e / M]mulr1 -mulrDr addrA divfK ?gt_eqF.
apply: ltr_le_add; last by rewrite ler_add // ?ler_wpmul2l ?ler_wpmul2r // ltW.
apply: le_lt_trans h1; rewrite -[leRHS]mulr1; apply: ler_wpmul2l => //; exact: ltW.
Qed.

Lemma cont0_comp g f : cont0 g -> cont0 f -> f 0 = 0 -> cont0 (fun h => g (f h)).
Proof.
move=> gc fc f0 e e0; have [r r0 Hr] := gc e e0; have [r' r'0 Hr'] := fc r r0.
by exists r' => // h /Hr'; rewrite f0 subr0 => /Hr.
Qed.

Lemma deriv_ext x f g d : (forall t, f t = g t) -> deriv x f d -> deriv x g d.
Proof. by move=> E H e /H[r r0 Hr]; exists r => // h /Hr; rewrite !E. Qed.
Lemma deriv_const x c : deriv x (fun=> c) 0.
Proof. by move=> e e0; exists 1 => // h _; rewrite subrr mul0r subr0 normr0 mulr_ge0 // ltW. Qed.
Lemma deriv_id x : deriv x id 1.
Proof.
by move=> e e0; exists 1 => // h _; rewrite /= mul1r [x + h]addrC addrK subrr normr0 mulr_ge0 // ltW.
Qed.
Lemma deriv_add x f g df dg : deriv x f df -> deriv x g dg -> deriv x (fun t => f t + g t) (df + dg).
Proof.
rewrite !derivP => -[p [pc <- pE]] [q [qc <- qE]].
exists (fun h => p h + q h); split=> //; first exact: cont0_add.
by move=> h; rewrite pE qE mulrDr addrACA.
Qed.
Lemma deriv_mul x f g df dg : deriv x f df -> deriv x g dg ->
  deriv x (fun t => f t * g t) (f x * dg + g x * df).
Proof.
rewrite !derivP => -[p [pc <- pE]] [q [qc <- qE]].
exists (fun h => f x * q h + (g x + h * q h) * p h); split.
- apply: cont0_add; first exact: cont0_mul (cont0_cst _) qc.
  apply: cont0_mul pc; apply: cont0_add (cont0_cst _) _; exact: cont0_mul cont0_id qc.
- by rewrite mul0r addr0.
move=> h; rewrite pE qE; set G := g x + h * q h.
rewrite [LHS]mulrDl {1}/G mulrDr [f x * (_ + _)]mulrDr -addrA; congr (_ + _).
by rewrite mulrCA -[h * p h * G]mulrA [p h * G]mulrC.
Qed.
Lemma deriv_comp x s f ds df : deriv (f x) s ds -> deriv x f df -> deriv x (fun t => s (f t)) (ds * df).
Proof.
rewrite !derivP => -[q [qc <- qE]] [p [pc <- pE]].
exists (fun h => q (h * p h) * p h); split; last by move=> h; rewrite pE qE -mulrA [p h * _]mulrC.
  apply: cont0_mul (pc); apply: cont0_comp qc _ _; last by rewrite mul0r.
  exact: cont0_mul cont0_id pc.
by rewrite mul0r.
Qed.

Lemma deriv_uniq x f d d' : deriv x f d -> deriv x f d' -> d = d'.
Proof.
move=> H H'; apply/eqP; rewrite -subr_eq0 -normr_le0 leNgt; apply/negP => d0.
have [r r0 Hr] := H _ (divr_gt0 d0 (ltr0Sn _ 3)); have [r' r'0 Hr'] := H' _ (divr_gt0 d0 (ltr0Sn _ 3)).
have [m m0 Hm] := min_r r0 r'0; have m2 : 0 < m / 2%:R by rewrite divr_gt0 ?ltr0Sn.
have lt : `|m / 2%:R| < m.
  by rewrite gtr0_norm // ltr_pdivr_mulr ?ltr0Sn // mulr_natr mulr2n ltr_addl.
have [/Hr h /Hr' h'] := Hm _ lt; have := ler_add h h'; rewrite -mulrDl => le.
have := le_trans (ler_norm_sub _ _) le.
have -> : f (x + m / 2%:R) - f x - d * (m / 2%:R) - (f (x + m / 2%:R) - f x - d' * (m / 2%:R)) =
  - ((d - d') * (m / 2%:R)) by ring.
rewrite normrN normrM ler_pmul2r ?normr_gt0 ?gt_eqF //.
set N := `|d - d'| in d0 *; have -> : N / 4%:R + N / 4%:R = N / 2%:R by field.
by rewrite ler_pdivl_mulr ?ltr0Sn // mulr_natr mulr2n ger_addl leNgt d0.
Qed.

(* ------------- the instances: any depth, any widths, any ordered field ------------- *)
Section Net.
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R).
Variables (th : param R) (s : sample R) (C : seq R -> R).
Hypothesis sigma_diff : forall l k, (l < L)%N -> (k < n l.+1)%N ->
  deriv (pre n sigma th s l.+1 k) (sigma l.+1) (dsigma l.+1 (pre n sigma th s l.+1 k)).
Hypothesis C_diff : forall t0, loss_diff L n t0 (deriv t0) s C.
Variables (l k : nat) (lL : (l < L)%N) (kn : (k < n l.+1)%N).
Let ds t0 l' k' f df : (l' < L)%N -> (k' < n l'.+1)%N -> f t0 = pre n sigma th s l'.+1 k' ->
  deriv t0 f df -> deriv t0 (fun t => sigma l'.+1 (f t)) (dsigma l'.+1 (f t0) * df).
Proof. by move=> l'L k'n E; apply: deriv_comp; rewrite E; exact: sigma_diff. Qed.

Theorem dC_dW j : (j < n l)%N ->
  deriv (W th l.+1 k j) (fun t => C (output L n sigma (setW th l.+1 k j t) s))
    (delta L n sigma dsigma th s l.+1 k * act n sigma th s l j).
Proof.
by apply: backprop_partial_W => //; [exact: deriv_ext|exact: deriv_const|exact: deriv_id
  |exact: deriv_add|exact: deriv_mul].
Qed.
Theorem dC_dB :
  deriv (B th l.+1 k) (fun t => C (output L n sigma (setB th l.+1 k t) s))
    (delta L n sigma dsigma th s l.+1 k).
Proof.
by apply: backprop_partial_B => //; [exact: deriv_ext|exact: deriv_const|exact: deriv_id
  |exact: deriv_add|exact: deriv_mul].
Qed.
End Net.

(* fully closed corollary: squared error *)
Section SqErr.
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R).
Hypothesis sigma_diff : forall l x, deriv x (sigma l) (dsigma l x).
Variables (th : param R) (x0 tg : nat -> R).
Definition sqerr (y : seq R) := \sum_(k < n L) (y`_k - tg k) ^+ 2.
Definition sq_sample := Sample x0 (fun y k => (y`_k - tg k) *+ 2).
Theorem dsqerr_dW l k j : (l < L)%N -> (k < n l.+1)%N -> (j < n l)%N ->
  deriv (W th l.+1 k j) (fun t => sqerr (output L n sigma (setW th l.+1 k j t) sq_sample))
    (delta L n sigma dsigma th sq_sample l.+1 k * act n sigma th sq_sample l j).
Proof.
move=> lL kn jn; apply: dC_dW => // t0 y dy Hy.
apply: sqerr_diff => //; [exact: deriv_ext|exact: deriv_const|exact: deriv_add|exact: deriv_mul].
Qed.
End SqErr.
End EpsDelta.
