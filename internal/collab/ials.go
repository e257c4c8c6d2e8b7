package collab

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"resonance/internal/dense"
	"resonance/internal/errs"
	"resonance/internal/vector"
)

// Constants of the fit, as the `implicit` package has them.
const (
	alsStart   = .01   // factors start uniform in 0 .. alsStart
	alsSteps   = 3     // conjugate gradient steps for one row: enough, since every round goes on from the last
	alsSettled = 1e-20 // squared residual under which a row is solved
)

// IALSParams are the parameters of IALS.
type IALSParams struct {
	Factors        int     // dimensions, at least 1; 8..64
	Regularisation float64 // lambda, above 0; .1..20
	Alpha          float64 // confidence in a touch, at least 1, that in no touch being 1; 1..40
	Iterations     int     // rounds over users and items, at least 1; 15
	Seed           uint64  // of the factors to start from
}

// IALS factorises users x items so that touched pairs come near 1 and all others near 0, the
// former with more confidence (Hu, Koren and Volinsky 2008; conjugate gradients: Takács et al.
// 2011).
//
//	minimise sum over u, i of c_ui (x_ui - p_u . q_i)² + lambda (|P|² + |Q|²)
//	c_ui = alpha where u touched i, else 1;  x_ui = 1 where u touched i, else 0
//
// lambda is the same for every row, not scaled by its length, as the reference has it; Rendle
// et al. 2021 ("Revisiting the performance of iALS") is why it is worth choosing with alpha.
// Only Q is kept, its numbers rounded to float32. A history is folded in exactly, with Y its items' rows of Q and w its weights:
//
//	p = (Q'Q + lambda I + Y' diag(w (alpha - 1)) Y)^-1  Y' (w alpha),   score = Q p
//
// so a weight of 1 is a touch of training, and one near 0 is no touch at all.
type IALS struct {
	q      []float32 // items x factors
	gram   []float64 // Q'Q + lambda I
	f      int
	alpha  float64
	fitted int // items
}

// FitIALS fits the model.
func FitIALS(ctx context.Context, d *Data, p IALSParams) (*IALS, error) {
	if p.Factors < 1 || !(p.Regularisation > 0) || !(p.Alpha >= 1) || p.Iterations < 1 {
		return nil, fmt.Errorf("fit iALS: %+v: %w", p, errs.Invalid)
	}
	items, users, err := d.patterns(ctx)
	if err != nil {
		return nil, fmt.Errorf("fit iALS: %w", err)
	}
	random := rand.New(rand.NewPCG(p.Seed, 0))
	s := alsSolver{params: p, f: p.Factors, gram: make([]float64, p.Factors*p.Factors)}
	s.residual, s.direction, s.image = make([]float64, s.f), make([]float64, s.f), make([]float64, s.f)
	byUser, byItem := start(random, items, s.f), start(random, users, s.f)
	for range p.Iterations {
		if err := s.solve(ctx, items, byUser, byItem); err != nil {
			return nil, fmt.Errorf("fit iALS: %w", err)
		}
		if err := s.solve(ctx, users, byItem, byUser); err != nil {
			return nil, fmt.Errorf("fit iALS: %w", err)
		}
	}
	q := make([]float32, len(byItem))
	for i, x := range byItem {
		q[i] = float32(x)
		byItem[i] = float64(q[i])
	}
	if err := s.setGram(ctx, byItem); err != nil {
		return nil, fmt.Errorf("fit iALS: %w", err)
	}
	return &IALS{q: q, gram: s.gram, f: s.f, alpha: p.Alpha, fitted: d.items}, nil
}

// Bytes returns what RecallIALS makes the same model of: Q, a little-endian float32 a number.
func (m *IALS) Bytes() []byte {
	b := make([]byte, 0, 4*len(m.q))
	for _, x := range m.q {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// RecallIALS returns the model that Bytes was asked of, bit for bit, which was fitted to so many items with these
// parameters. The error wraps errs.Invalid where it can't have been.
func RecallIALS(ctx context.Context, b []byte, items int, p IALSParams) (*IALS, error) {
	if p.Factors < 1 || len(b) != 4*items*p.Factors {
		return nil, fmt.Errorf("recall iALS: %d bytes for %d items and %d factors: %w", len(b), items, p.Factors, errs.Invalid)
	}
	q, whole := make([]float32, items*p.Factors), make([]float64, items*p.Factors)
	for i := range q {
		q[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		whole[i] = float64(q[i])
	}
	s := alsSolver{params: p, f: p.Factors, gram: make([]float64, p.Factors*p.Factors)}
	if err := s.setGram(ctx, whole); err != nil {
		return nil, fmt.Errorf("recall iALS: %w", err)
	}
	return &IALS{q: q, gram: s.gram, f: p.Factors, alpha: p.Alpha, fitted: items}, nil
}

// start returns random factors, 0 for rows that hold nothing.
func start(random *rand.Rand, p pattern, f int) []float64 {
	x := make([]float64, p.rows()*f)
	for r := range p.rows() {
		if len(p.row(r)) == 0 {
			continue
		}
		for c := range f {
			x[r*f+c] = alsStart * random.Float64()
		}
	}
	return x
}

// alsSolver solves one side's rows while the other side stands still.
type alsSolver struct {
	params                     IALSParams
	f                          int
	gram                       []float64 // Y'Y + lambda I
	residual, direction, image []float64
}

// solve improves every row of x, given the other side's y.
func (s *alsSolver) solve(ctx context.Context, p pattern, x, y []float64) error {
	if err := s.setGram(ctx, y); err != nil {
		return err
	}
	for r := range p.rows() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if row := p.row(r); len(row) > 0 {
			s.descend(row, x[r*s.f:(r+1)*s.f], y)
		}
	}
	return nil
}

// setGram sets gram to y'y + lambda I.
func (s *alsSolver) setGram(ctx context.Context, y []float64) error {
	clear(s.gram)
	for ; len(y) > 0; y = y[s.f:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		for a, ya := range y[:s.f] {
			if ya != 0 {
				dense.AddScaled(s.gram[a*s.f:][:a+1], ya, y[:a+1])
			}
		}
	}
	for a := range s.f {
		s.gram[a*s.f+a] += s.params.Regularisation
		for b := range a {
			s.gram[b*s.f+a] = s.gram[a*s.f+b]
		}
	}
	return nil
}

// descend takes a few conjugate gradient steps from x towards the solution of
// (gram + Y'(C - I)Y) x = Y'C 1, Y being the rows of y that row names.
func (s *alsSolver) descend(row []int32, x, y []float64) {
	alpha := s.params.Alpha
	dense.Mul(s.residual, s.gram, x)
	dense.AddAlong(s.residual, y, row, x, alpha-1, -alpha)
	for a, r := range s.residual {
		s.residual[a] = -r
	}
	copy(s.direction, s.residual)
	size := dense.Dot(s.residual, s.residual)
	for range alsSteps {
		if size < alsSettled {
			return
		}
		dense.Mul(s.image, s.gram, s.direction)
		dense.AddAlong(s.image, y, row, s.direction, alpha-1, 0)
		step := size / dense.Dot(s.direction, s.image)
		dense.AddScaled(x, step, s.direction)
		dense.AddScaled(s.residual, -step, s.image)
		smaller := dense.Dot(s.residual, s.residual)
		kept := smaller / size
		for a, r := range s.residual {
			s.direction[a] = r + float64(kept*s.direction[a])
		}
		size = smaller
	}
}

// Fold prepares s for Of: the factors of a user with this history.
func (m *IALS) Fold(history []Weighted, s *Scratch) {
	normal, p, y := zeroed(&s.normal, m.f*m.f), zeroed(&s.factors, m.f), zeroed(&s.row, m.f)
	copy(normal, m.gram)
	for _, h := range history {
		if int(h.Item) >= m.fitted {
			continue
		}
		for a, x := range m.q[int(h.Item)*m.f:][:m.f] {
			y[a] = float64(x)
		}
		for a, ya := range y { // solve reads the lower triangle
			dense.AddScaled(normal[a*m.f:][:a+1], h.Weight*(m.alpha-1)*ya, y[:a+1])
		}
		dense.AddScaled(p, h.Weight*m.alpha, y)
	}
	dense.Solve(normal, p)
}

// Of sets each number of out to the score of its item, for the history that s was folded with; an item below 0 has 0.
func (m *IALS) Of(items []int32, out []float64, s *Scratch) {
	vector.DotRows(out, m.q, items, s.factors[:m.f])
}

// Score implements the contract of the package.
func (m *IALS) Score(history []Weighted, out []float64, s *Scratch) {
	m.Fold(history, s)
	m.Of(s.every(min(len(out), m.fitted)), out, s)
	clear(out[min(len(out), m.fitted):])
}
