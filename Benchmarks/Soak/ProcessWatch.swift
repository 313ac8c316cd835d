import AlulaMeasuring
import AlulaSoaking

/// Looks at what the gateway's process holds.
struct ProcessWatch {
    let pid: Int32

    /// - Returns: `nil` when the process is gone.
    func sample(seconds: Double, connections: Int) -> SoakSample? {
        guard let memory = ProcessTree.kilobytes("RssAnon", of: pid),
            let resident = ProcessTree.kilobytes("VmRSS", of: pid)
        else { return nil }
        let files = ProcessTree.openFiles(of: pid)
        return SoakSample(
            seconds: seconds, privateKilobytes: memory, residentKilobytes: resident, descriptors: files.count,
            sockets: files.values.count { $0.hasPrefix("socket:") }, threads: ProcessTree.threads(of: pid).count,
            children: ProcessTree.children(of: pid).count, watches: ProcessTree.watches(of: pid, files: files),
            connections: connections)
    }

    var holdings: Holdings {
        let files = ProcessTree.openFiles(of: pid)
        return Holdings(
            descriptors: files, threads: ProcessTree.threads(of: pid), children: ProcessTree.children(of: pid),
            watches: ProcessTree.watches(of: pid, files: files))
    }
}
