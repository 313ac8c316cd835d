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
