import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc

@Suite(.serialized) struct HeapTests {
    @Test func largeBlocksStayTheKernelsHoweverLargeAnEarlierOneWas() {
        Heap.returnLargeBlocks()
        // By default this would teach the C library to keep the next ones.
        free(malloc(24 << 20))
        let before = Heap.mappedBytes
        let block = malloc(4 << 20)
        #expect(Heap.mappedBytes - before >= 4 << 20)
        free(block)
        #expect(Heap.mappedBytes - before < 4 << 20)
    }
}
#endif
