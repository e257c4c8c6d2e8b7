package model

// Key is what another subgraph knows of an object: its global id.
type Key struct{ ID string }

// IsEntity marks posts as entities of a federated graph.
func (Post) IsEntity() {}

// IsEntity marks owners as entities of a federated graph.
func (Owner) IsEntity() {}

// IsEntity marks categories as entities of a federated graph.
func (Category) IsEntity() {}

// IsEntity marks topics as entities of a federated graph.
func (Topic) IsEntity() {}
