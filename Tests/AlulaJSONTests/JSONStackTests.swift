import Foundation
import Synchronization
import Testing

@testable import AlulaJSON

/// What deep nesting costs threads with little stack.
struct JSONStackTests {
    @Test func theDeepestValueIsHandledOnASmallStack() throws {
        let text = String(repeating: #"[{"a":"#, count: 128) + "1" + String(repeating: "}]", count: 128)
        let isEqual = Mutex(false)
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            do {
                let value = try JSONValue.parse(text)
                let lenient = try JSON5Document(parsing: Array(text.utf8)).root.value
                let pretty = try JSONValue.parse(value.serialized(.pretty))
                isEqual.withLock { $0 = value == lenient && value.hashValue == pretty.hashValue }
            } catch {
                Issue.record(error)
            }
            finished.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        finished.wait()
        #expect(isEqual.withLock { $0 })
    }
}
