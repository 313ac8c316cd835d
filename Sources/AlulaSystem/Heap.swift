import CAlulaShims

/// What becomes of memory that isn't used any more.
package enum Heap {
    /// Has large blocks go back to the system as soon as they are freed. For the beginning of a program.
    ///
    /// A warm runs on a thread of its own each time. By default the C library gives each thread a heap, and lets blocks of
    /// up to 32 MB stay there once such a block was freed: a worker that sent 16 MB of garbage ten times would cost half a
    /// gigabyte for good.
    package static func returnLargeBlocks() { _ = alula_return_large_blocks() }

    /// What is in such blocks now.
    package static var mappedBytes: Int { Int(alula_mapped_block_bytes()) }
}
