import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import CAlulaShims
import Synchronization
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Programs that know nothing of our lock and come in the middle of a write.
struct GuardedExchangeTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("a.json", "before")
    }

    /// Writes "ours" while `intruder` does something at each moment of it.
    private func write(
        _ intruder: @escaping @Sendable (GuardedExchange.Moment) -> Void
    ) -> StateError.Code? {
        var writer = ConfigurationFileWriter(lockPath: directory("configuration.lock"), isReadOnly: false)
        writer.observe = intruder
        do {
            try BlockingContext.permit {
                try writer.write(
                    [.init(path: directory("a.json"), before: Array("before".utf8), after: Array("ours".utf8))],
                    deadline: .after(.seconds(60)))
            }
            return nil
        } catch let error as StateError {
            return error.code
        } catch {
            Issue.record(error)
            return nil
        }
    }

    /// Puts `text` in place as editors do: a file beside it, and a rename.
    private static func rename(_ text: String, over directory: TemporaryDirectory) {
        #expect(throws: Never.self) { try directory.write("theirs", text) }
        #expect(Glibc.rename(directory("theirs"), directory("a.json")) == 0)
    }

    @Test func nobodyOpensATextThatMayBeTakenBack() throws {
        let directory = directory
        let code = write { moment in
            guard moment == .exchanged else { return }
            #expect(open(directory("a.json"), O_RDONLY | O_NONBLOCK) == -1)
            #expect(errno == EWOULDBLOCK)
        }
        #expect(code == nil)
        #expect(try directory.text("a.json") == "ours")
    }

    @Test func whoCameForATextThatWasTakenBackGetsTheOneThatStays() throws {
        let directory = directory
        let visitor = Visitor(directory("a.json"), O_RDONLY)
        let code = write { moment in
            switch moment {
            case .ready: Self.rename("theirs", over: directory)
            case .exchanged: visitor.come()
            case .takenBack: break
            }
        }
        #expect(code == .fileChanged)
        #expect(try directory.text("a.json") == "theirs")
        #expect(visitor.leave() == "theirs")
        #expect(try directory.names.filter { $0.hasPrefix("a.json") } == ["a.json"])
    }

    @Test func aTextThatReplacedOursStaysWhenOursIsTakenBack() throws {
        let directory = directory
        let code = write { moment in
            switch moment {
            case .ready: Self.rename("first", over: directory)
            case .exchanged: Self.rename("second", over: directory)
            case .takenBack: break
            }
        }
        #expect(code == .fileChanged)
        #expect(try directory.text("a.json") == "second")
    }

    @Test func aFileThatIsRemovedMeanwhileStaysRemoved() throws {
        let directory = directory
        let code = write { moment in
            if moment == .ready { unlink(directory("a.json")) }
        }
        #expect(code == .fileChanged)
        #expect(try directory.names.filter { $0.hasPrefix("a.json") } == [])
    }

    @Test(arguments: [GuardedExchange.Moment.ready, .exchanged])
    func whatSomebodyWritesIntoTheFileIsNotLost(_ arrival: GuardedExchange.Moment) throws {
        let directory = directory
        let visitor = Visitor(directory("a.json"), O_WRONLY | O_TRUNC, writes: "theirs, in place")
        let code = write { moment in
            if moment == arrival { visitor.come() }
        }
        visitor.leave()
        // Who came before the exchange had the old file in hand, so the edit gives way; later it is ours that they write.
        #expect(code == (arrival == .ready ? .fileChanged : nil))
        #expect(try directory.text("a.json") == "theirs, in place")
    }

    @Test func refusesWhileSomebodyHasTheFileOpenForWriting() throws {
        let descriptor = open(directory("a.json"), O_WRONLY)
        defer { close(descriptor) }
        #expect(write { _ in } == .fileChanged)
        #expect(try directory.text("a.json") == "before")
    }

    @Test func aReaderThatKeepsTheFileOpenIsNoHindrance() throws {
        let descriptor = open(directory("a.json"), O_RDONLY)
        defer { close(descriptor) }
        #expect(write { _ in } == nil)
        #expect(try directory.text("a.json") == "ours")
    }
}

/// Another program as far as the kernel is concerned: a thread that opens a file as `open` does by itself, waiting.
private final class Visitor: Sendable {
    private let path: String
    private let flags: Int32
    private let text: String?
    /// The kernel's id of the thread; nothing that it does after it said so waits but the file.
    private let thread = Atomic<Int64>(0)
    private let found = Mutex<String?>(nil)

    init(_ path: String, _ flags: Int32, writes text: String? = nil) {
        self.path = path
        self.flags = flags
        self.text = text
    }

    /// Starts, and returns when the thread waits in the kernel.
    func come() {
        do {
            try SystemThread.start(name: "visitor") {
                self.thread.store(alula_thread_id(), ordering: .sequentiallyConsistent)
                let text = self.visit()
                self.found.withLock { $0 = text }
            }
        } catch {
            Issue.record(error)
            return
        }
        while !isWaiting { sched_yield() }
    }

    /// What the thread found, once it is through.
    @discardableResult
    func leave() -> String? {
        while true {
            if let found = found.withLock({ $0 }) { return found }
            sched_yield()
        }
    }

    private func visit() -> String {
        let descriptor = open(path, flags)
        defer { close(descriptor) }
        guard descriptor >= 0 else { return "" }
        if let text { return write(descriptor, text, text.utf8.count) == text.utf8.count ? text : "" }
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }

    private var isWaiting: Bool {
        let thread = thread.load(ordering: .sequentiallyConsistent)
        guard thread != 0 else { return false }
        do {
            let path = "/proc/self/task/\(thread)/stat"
            let text = try BlockingContext.permit { try FileReader.read(path, maximum: .kibibytes(4)).text }
            return text.contains(") S ") && found.withLock { $0 } == nil
        } catch {
            return false
        }
    }
}
