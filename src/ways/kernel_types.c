// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's structures, see kernel_types.h. */
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "ways/kernel_types.h"

struct btf *kernel_types__open(void)
{
	return btf__load_vmlinux_btf();
}

void kernel_types__free(struct btf *btf)
{
	btf__free(btf);
}

int kernel_types__offset(const struct btf *btf, const char *structure, const char *member)
{
	int id = btf ? btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT) : -ENOENT;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (__u32 i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return btf_member_bit_offset(type, i) / 8;
	return -ENOENT;
}
