package collab

import (
	"context"
	"fmt"

	"resonance/internal/errs"
)

// EASELimit is the largest matrix, in users or in touched items, that FitEASE inverts: 72 MB while it
// fits and 1.5 s of one quiet core, growing with the square and the cube of it. The model then holds 36 MB.
const EASELimit = 3000

// easeExpansion is how many additions may turn a fitted user form into the item form: a tenth of a second.
const easeExpansion = 200_000_000

// Form says which of the two matrices EASE inverts; the scores are the same.
type Form int

// The forms.
const (
	SmallerForm Form = iota // of the two below, the one with the smaller matrix
	UserForm                // users x users
	ItemForm                // touched items x touched items
)

// of returns the form to fit, and the size of its matrix.
func (f Form) of(users, items int) (Form, int) {
	if f == ItemForm || f == SmallerForm && items < users {
		return ItemForm, items
	}
	return UserForm, users
}

// EASEParams are the parameters of EASE.
type EASEParams struct {
	// Lambda is the ridge, above 0: the higher, the more evidence an item pair needs.
	// 5..100 suit hundreds of users of short histories, 100..1,000 long ones.
	Lambda float64
	Form   Form
}

// EASE is the embarrassingly shallow autoencoder: every item's score is a linear combination
// of the history, with the weights that rebuild everyone's history best.
//
// With X = users x items, of zeros and ones, it is the item-item matrix B that minimises
// |X - X B|² + lambda |B|² under diag(B) = 0 (Steck 2019, equations 4 to 8):
//
//	P = (X'X + lambda I)^-1,   B_ij = -P_ij / P_jj for i != j,   score = h B
//
// which is the item form. By Woodbury's identity the same P comes from the users' side:
//
//	K = X X' + lambda I,   P = (I - X' K^-1 X) / lambda
//	q_j = x_j' K^-1 x_j,   y = K^-1 X h
//	score_j = h_j - (h_j - x_j' y) / (1 - q_j)
//
// which is the user form: no item-item matrix, and a fit that does not depend on how many
// items there are.
type EASE struct {
	byUser *easeUsers
	byItem *easeItems
}

// FitEASE fits the model. It fails with ErrTooLarge when the form's matrix, for SmallerForm
// both, would be larger than EASELimit.
func FitEASE(ctx context.Context, d *Data, p EASEParams) (*EASE, error) {
	if !(p.Lambda > 0) {
		return nil, fmt.Errorf("fit EASE: lambda %v, want above 0: %w", p.Lambda, errs.Invalid)
	}
	items, users, err := d.patterns(ctx)
	if err != nil {
		return nil, fmt.Errorf("fit EASE: %w", err)
	}
	touched, active := nonEmpty(users), nonEmpty(items)
	form, size := p.Form.of(len(active), len(touched))
	if size > EASELimit {
		return nil, fmt.Errorf("fit EASE: a matrix of %d, at most %d: %w", size, EASELimit, ErrTooLarge)
	}
	model := &EASE{}
	if form == ItemForm {
		model.byItem, err = fitEASEItems(ctx, users, touched, len(d.rows), p.Lambda)
	} else {
		model.byUser, err = fitEASEUsers(ctx, items, active, users, p.Lambda)
	}
	small := len(touched) <= EASELimit && len(items.to)*(len(active)+len(touched)) <= easeExpansion
	if err == nil && form == UserForm && p.Form == SmallerForm && small {
		model.byItem, err = model.byUser.expanded(ctx, touched)
		model.byUser = nil
	}
	if err != nil {
		return nil, fmt.Errorf("fit EASE: %w", err)
	}
	return model, nil
}

// Fold prepares s for Of: what the history says to each of the model's users, or which rows of
// weights it adds up.
func (m *EASE) Fold(history []Weighted, s *Scratch) {
	if m.byItem != nil {
		m.byItem.fold(history, s)
		return
	}
	s.sums.Reset(m.items())
	m.byUser.fold(history, s)
}

// Of sets each number of out to the score of its item, for the history that s was folded with; an item below 0 has 0.
func (m *EASE) Of(items []int32, out []float64, s *Scratch) {
	if m.byItem != nil {
		m.byItem.of(items, out, s)
		return
	}
	for at, item := range items {
		out[at] = 0
		if item >= 0 {
			out[at] = m.byUser.at(item, s)
		}
	}
}

// Score implements the contract of the package.
func (m *EASE) Score(history []Weighted, out []float64, s *Scratch) {
	m.Fold(history, s)
	m.Of(s.every(min(len(out), m.items())), out, s)
	clear(out[min(len(out), m.items()):])
}

// items returns how many items the model has been fitted to.
func (m *EASE) items() int {
	if m.byItem != nil {
		return len(m.byItem.index)
	}
	return len(m.byUser.rest)
}

// nonEmpty returns the rows that hold anything, ascending.
func nonEmpty(p pattern) []int32 {
	var rows []int32
	for i := range p.rows() {
		if len(p.row(i)) > 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// only returns the pattern of just these rows, in their order.
func (p pattern) only(rows []int32) pattern {
	q := pattern{at: make([]int, 1, len(rows)+1)}
	for _, r := range rows {
		q.to = append(q.to, p.row(int(r))...)
		q.at = append(q.at, len(q.to))
	}
	return q
}
