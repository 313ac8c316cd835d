import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc

@Suite(.serialized) struct HeapTests {
    @Test func largeBlocksStayTheKernelsHoweverLargeAnEarlierOneWas() {
        Heap.returnLargeBlocks()
        // By default this would teach the C library to keep the next ones. So large that no heap has as much to spare.
        free(malloc(31 << 20))
        let before = Heap.mappedBytes
        let block = malloc(30 << 20)
        #expect(Heap.mappedBytes - before >= 30 << 20)
        free(block)
        #expect(Heap.mappedBytes - before < 30 << 20)
    }
}
#endif
