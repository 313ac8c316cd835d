import Testing

@testable import AlulaWarmWorker

struct FrameDecoderTests {
    @Test func putsFramesTogetherByteByByte() throws {
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        for byte in try FrameEncoder.encode(Array("one".utf8)) + FrameEncoder.encode(Array("two!".utf8)) {
            decoder.append([byte])
            if let frame = try decoder.next() { frames.append(Array(frame)) }
        }
        #expect(frames == [Array("one".utf8), Array("two!".utf8)])
        #expect(decoder.isEmpty)
    }

    @Test func takesFramesApartThatComeTogether() throws {
        var decoder = FrameDecoder()
        let long = [UInt8](repeating: 7, count: 3 << 20)
        decoder.append(try FrameEncoder.encode([1]) + FrameEncoder.encode(long) + [0, 0])
        #expect(try decoder.next().map(Array.init) == [1])
        #expect(try decoder.next().map(Array.init) == long)
        #expect(try decoder.next() == nil)
        #expect(!decoder.isEmpty)
        decoder.append([0, 1, 9])
        #expect(try decoder.next().map(Array.init) == [9])
        #expect(decoder.isEmpty)
    }

    @Test(arguments: [
        ([0, 0, 0, 0], WarmWorkerError.Code.emptyFrame), ([4, 0, 0, 1], .frameTooLarge),
        ([255, 255, 255, 255], .frameTooLarge), (Array("HTTP/1.1 200".utf8), .frameTooLarge),
    ])
    func refusesLengthsThatAreNone(bytes: [UInt8], code: WarmWorkerError.Code) {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        let error = #expect(throws: WarmWorkerError.self) { try decoder.next() }
        #expect(error?.code == code)
    }

    @Test func allowsTheLongestFrame() throws {
        var decoder = FrameDecoder()
        decoder.append([4, 0, 0, 0])
        #expect(try decoder.next() == nil)
        let error = #expect(throws: WarmWorkerError.self) {
            try FrameEncoder.encode([UInt8](repeating: 0, count: FrameDecoder.maximumFrameBytes + 1))
        }
        #expect(error?.code == .frameTooLarge)
    }
}
