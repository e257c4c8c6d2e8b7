package protocol_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/evaluate/protocol/protocoltest"
)

// summary counts a protocol's lists, with sums over ids that only the same lists have.
type summary struct {
	Lists, Cold, Splits, Train   int
	Relevant, History            int
	UserSum, RelevantSum, NowSec int64 // NowSec is the first list's
}

func summarise(splits ...protocol.Split) summary {
	s := summary{Splits: len(splits)}
	for _, split := range splits {
		s.Train += len(split.Train)
		s.Cold += len(split.Cold)
		for _, l := range split.Lists {
			if s.Lists == 0 {
				s.NowSec = l.Now / 1000
			}
			s.Lists++
			s.Relevant += len(l.Relevant)
			s.History += len(l.History)
			s.UserSum += l.User
			for _, id := range l.Relevant {
				s.RelevantSum += id
			}
		}
	}
	return s
}

// TestListsAreTheReferences compares with what build_S1, build_LOO, build_S3, build_ML_time and
// build_M3 of ../shared/quality/reference.py return on the same rows.
func TestListsAreTheReferences(t *testing.T) {
	app, posts := protocoltest.Social(t)
	films, _ := protocoltest.MovieLens(t)
	tests := []struct {
		name string
		got  summary
		want summary
	}{
		{"S1R", summarise(protocol.TimeSplit(app, posts, protocol.Test)...), summary{66, 113, 4, 37009, 457, 5633, 47041, 384223, 1732381333}},
		{"S1R validation", summarise(protocol.TimeSplit(app, posts, protocol.Validation)...), summary{117, 277, 8, 48642, 1072, 8294, 50595, 608030, 1719914414}},
		{"S2", summarise(protocol.LeaveLast(app, protocol.Test)), summary{630, 0, 1, 9856, 630, 6880, 429512, 394382, 1746658132}},
		{"S2 validation", summarise(protocol.LeaveLast(app, protocol.Validation)), summary{463, 0, 1, 9273, 463, 6250, 307555, 289449, 1746658132}},
		{"S3", summarise(protocol.Live(app, protocol.Test)...), summary{1477, 140, 33, 315305, 1477, 98977, 1417056, 1404048, 1732381348}},
		{"S3 validation", summarise(protocol.Live(app, protocol.Validation)...), summary{833, 91, 19, 144710, 833, 70282, 639116, 613941, 1728074204}},
		{"M1", summarise(protocol.LastFifth(films, protocol.Test)), summary{610, 0, 1, 80896, 19940, 80896, 186355, 76676845, 1537158302}},
		{"M1 validation", summarise(protocol.LastFifth(films, protocol.Validation)), summary{610, 0, 1, 64960, 15936, 64960, 186355, 52957792, 1537158128}},
		{"M2", summarise(protocol.LeaveLast(films, protocol.Test)), summary{610, 0, 1, 100226, 610, 100226, 186355, 1968609, 1537757060}},
		{"M2 validation", summarise(protocol.LeaveLast(films, protocol.Validation)), summary{610, 0, 1, 99616, 610, 99616, 186355, 1928409, 1537757041}},
		{"M3 seed 0", summarise(protocol.Random(films, 0, protocol.Test)), summary{609, 0, 1, 80618, 20218, 80595, 185787, 62844503, 1537799251}},
		{"M3 seed 1", summarise(protocol.Random(films, 1, protocol.Test)), summary{609, 0, 1, 80444, 20392, 80423, 185848, 63277491, 1537799251}},
		{"M3 seed 2", summarise(protocol.Random(films, 2, protocol.Test)), summary{609, 0, 1, 80593, 20243, 80572, 185806, 62219165, 1537757060}},
		{"M3 validation", summarise(protocol.Random(films, 0, protocol.Validation)), summary{608, 0, 1, 64472, 16146, 64437, 185375, 49764767, 1537799251}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("lists (-want +got):\n%s", diff)
			}
		})
	}
}
