// Package protocoltest reads the shared rows as the protocols take them, for tests: ids are
// the ascending ordinals of posts and movies, so that ties go as in the reference.
package protocoltest
