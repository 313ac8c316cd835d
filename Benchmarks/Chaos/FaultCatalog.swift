import AlulaFaults
import AlulaMeasuring

/// Every fault there is.
enum FaultCatalog {
    /// What a short run takes: one of each kind that needs no rights and no further software.
    private static let quick = ["none", "fifo-store", "fifo-config", "helper-stubborn", "edits", "worker-kill", "all"]

    /// Made anew: a fault remembers what it did.
    static func all() -> [any Fault] {
        var faults: [any Fault] = [
            NoFault(), ManyAgentsFault(), StoreFIFOFault(), LoginFIFOFault(), ConfigurationFIFOFault(),
            SnapshotFIFOFault(), LargeLoginFault(),
        ]
        faults += HelperFault.Mode.allCases.filter { $0 != .any }.map { HelperFault($0) }
        faults.append(EditStormFault())
        faults += WorkerFault.Mode.allCases.filter { $0 != .any }.map { WorkerFault($0) }
        faults += [
            SlowDirectoryFault(.home), SlowDirectoryFault(.agents), HungDiskFault(), FullDiskFault(), ClockFault(),
            BusyFault(), BlockedConsoleFault(), LogFIFOFault(), LogHungFault(), AllFaults(),
        ]
        return faults
    }

    /// Faults of one kind, for a short table.
    static let groups: [(title: String, ids: [String])] = [
        ("nothing, to compare with", ["none"]),
        (
            "a FIFO in place of a store, a login, the configuration, the snapshot",
            ["fifo-store", "fifo-login", "fifo-config", "fifo-snapshot"]
        ),
        ("reads that take 200 ms each, for logins or for every store", ["slow-home", "slow-agents"]),
        ("the state disk hung for 60 s", ["hung-disk"]),
        (
            "helpers that never return, fork, ignore SIGTERM, flood, read for ever",
            HelperFault.Mode.allCases.map { "helper-\($0.rawValue)" }
        ),
        ("a login of 200 MB", ["large-login"]),
        ("10,000 agents", ["agents"]),
        ("configuration and stores edited 20 times a second", ["edits"]),
        (
            "a worker killed, stopped, silent, lying, of a wrong version, unable to start",
            WorkerFault.Mode.allCases.map { "worker-\($0.rawValue)" }
        ),
        ("a full disk under snapshot, store and log", ["full-disk"]),
        ("the clock set ahead and back", ["clock"]),
        ("a busy loop on each processor", ["busy"]),
        ("a log that blocks: pipe, FIFO, hung disk", ["log-console", "log-fifo", "log-hung"]),
        ("thirteen of them at once", ["all"]),
    ]

    /// Those that `settings` ask for, in order.
    static func chosen(_ settings: ChaosSettings) throws(BenchmarkError) -> [any Fault] {
        let all = all()
        if let stranger = settings.only.first(where: { name in !all.contains { $0.id == name } }) {
            throw BenchmarkError(.usage, "There is no fault \(stranger); alula-chaos list prints the names.")
        }
        if !settings.only.isEmpty { return all.filter { settings.only.contains($0.id) } }
        return settings.isQuick ? all.filter { quick.contains($0.id) } : all
    }
}
