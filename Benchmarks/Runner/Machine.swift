import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The machine that measured, in words.
struct Machine {
    /// As the processor calls itself; `nil` where it does not tell.
    var processor: String?
    var cores: Int
    /// In GB.
    var memory: Double?
    /// Such as `Linux 6.8.0 x86_64`.
    var kernel: String

    static var current: Machine {
        let lines = (TextFile.read("/proc/cpuinfo") ?? "").split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
        let total = (TextFile.read("/proc/meminfo") ?? "").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        let kilobytes = total?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return Machine(
            processor: model.map { $0.split(separator: " ").joined(separator: " ") },
            cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), memory: kilobytes.map { $0 / 1_000_000 }, kernel: kernel)
    }

    private static var kernel: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "an unknown system" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
    }

    var description: String {
        let parts = [
            processor, "\(cores) \(cores == 1 ? "processor" : "processors")",
            memory.map { "\(($0 * 10).rounded() / 10) GB of memory" }, kernel,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}
