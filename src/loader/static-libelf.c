// SPDX-License-Identifier: GPL-2.0-only
/*
 * Five functions that Debian 13's libelf.a (0.192) calls but does not contain;
 * they are in elfutils 0.193 and later. Linked into static builds only, and
 * weak, so that a libelf.a that has them wins.
 *
 * libelf keeps a tree of the sections that it loaded from somewhere else than
 * the file's own offsets. This program uses libelf from one thread, so the lock
 * that elfutils keeps beside the root is not needed.
 */
#include <search.h>
#include <stddef.h>

/* What libelf calls search_tree begins with the root, as tsearch(3) knows it. */
struct search_tree {
	void *root;
};

typedef int (*compare_fn)(const void *a, const void *b);

void eu_search_tree_init(struct search_tree *tree);
void eu_search_tree_fini(struct search_tree *tree, void (*free_node)(void *node));
void *eu_tsearch(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tfind(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tdelete(const void *key, struct search_tree *tree, compare_fn compare);

__attribute__((weak)) void eu_search_tree_init(struct search_tree *tree)
{
	tree->root = NULL;
}

__attribute__((weak)) void eu_search_tree_fini(struct search_tree *tree,
					       void (*free_node)(void *node))
{
	tdestroy(tree->root, free_node);
	tree->root = NULL;
}

__attribute__((weak)) void *eu_tsearch(const void *key, struct search_tree *tree,
				       compare_fn compare)
{
	return tsearch(key, &tree->root, compare);
}

__attribute__((weak)) void *eu_tfind(const void *key, struct search_tree *tree,
				     compare_fn compare)
{
	return tfind(key, &tree->root, compare);
}

__attribute__((weak)) void *eu_tdelete(const void *key, struct search_tree *tree,
				       compare_fn compare)
{
	return tdelete(key, &tree->root, compare);
}
