import AlulaFuzzTargets

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The target that the environment names.
private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.named(name) else {
        fatalError("FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    }
    return target
}()

/// What libFuzzer calls with each input.
///
/// A property that breaks aborts the process: libFuzzer keeps the input of an abort, on every kind of machine.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Not kept, and so not made longer.
    guard count <= target.maximumBytes else { return -1 }
    do {
        try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        print("BROKEN \(target.name): \(error)")
        fflush(nil)
        abort()
    }
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager gives every program's `main` this name, so that libFuzzer's own is not linked.
@_cdecl("alula_fuzz_main")
func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    // Swift's own handlers would print where it happened, and libFuzzer leaves handlers of others alone: the input would
    // be lost.
    for number in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments, testOneInput)
}
