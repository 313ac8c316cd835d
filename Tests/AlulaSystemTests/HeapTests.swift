import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc

@Suite(.serialized) struct HeapTests {
    @Test func largeBlocksStayTheKernelsHoweverLargeAnEarlierOneWas() {
        Heap.returnLargeBlocks()
        // By default this would teach the C library to keep the next ones.
        free(malloc(31 << 20))
        // What earlier tests left free in a heap is used up first, however much that is.
        var (blocks, before): ([UnsafeMutableRawPointer?], Int) = ([], 0)
        repeat {
            before = Heap.mappedBytes
            blocks.append(malloc(30 << 20))
        } while Heap.mappedBytes - before < 30 << 20 && blocks.count < 64
        #expect(Heap.mappedBytes - before >= 30 << 20)
        free(blocks.removeLast())
        #expect(Heap.mappedBytes - before < 30 << 20)
        for block in blocks { free(block) }
    }
}
#endif
