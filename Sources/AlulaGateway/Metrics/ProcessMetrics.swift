import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the process takes from the machine, under the names that all programs use for it.
enum ProcessMetrics {
    private static let notLooked = "the system does not tell, or the blocking pool had no time to look."

    static let cpu = MetricDefinition(
        "process_cpu_seconds_total", .counter, .seconds, help: "Processor time, user and system.",
        worry: "Its rate is above 0.5 for long.")
    static let resident = MetricDefinition(
        "process_resident_memory_bytes", .gauge, .bytes, help: "Memory in use.",
        worry: "It grows for days.", absence: notLooked)
    static let virtual = MetricDefinition(
        "process_virtual_memory_bytes", .gauge, .bytes, help: "Address space in use.",
        worry: "Only beside memory in use.", absence: notLooked)
    static let openFiles = MetricDefinition(
        "process_open_fds", .gauge, .count, help: "Files and sockets that are open.",
        worry: "It nears `process_max_fds`.", absence: notLooked)
    static let maximumFiles = MetricDefinition(
        "process_max_fds", .gauge, .count, help: "Files and sockets that may be open.",
        worry: "It is below two for each client that you expect.", absence: "the system does not tell.")
    static let startedAt = MetricDefinition(
        "process_start_time_seconds", .gauge, .timestamp, help: "When the gateway was started.",
        worry: "It changes without anybody's doing: the gateway ended and was started again.")
    static let build = MetricDefinition(
        "alula_build", .gauge, .flag, [.init("version", open: "this program's version", maximum: 1)],
        help: "Always 1; the label tells the version.", worry: "Two gateways show different ones.")

    static let all = [cpu, resident, virtual, openFiles, maximumFiles, startedAt, build]

    /// What is known without looking at any file.
    static func samples(version: String, startedAt start: Timestamp) -> [MetricSample] {
        var samples = [
            MetricSample(cpu, ProcessUsage.processorTime.seconds),
            MetricSample(startedAt, Double(start.milliseconds) / 1000), MetricSample(build, [version], true),
        ]
        if let limit = FileLimit.current { samples.append(MetricSample(maximumFiles, limit)) }
        return samples
    }

    static func samples(_ usage: ProcessUsage) -> [MetricSample] {
        [
            usage.residentBytes.map { MetricSample(resident, $0) },
            usage.virtualBytes.map { MetricSample(virtual, $0) },
            usage.openFiles.map { MetricSample(openFiles, $0) },
        ].compactMap { $0 }
    }
}
