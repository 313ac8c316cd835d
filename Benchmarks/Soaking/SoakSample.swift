/// What a process held at one moment.
package struct SoakSample: Hashable, Sendable {
    /// Since the start of the run.
    package var seconds: Double
    /// Memory that belongs to it alone (`RssAnon`).
    package var privateKilobytes: Int
    /// With the pages of files (`VmRSS`).
    package var residentKilobytes: Int
    package var descriptors: Int
    package var sockets: Int
    package var threads: Int
    package var children: Int
    /// Directories that it watches.
    package var watches: Int
    /// Connections that were made to it so far.
    package var connections: Int

    package init(
        seconds: Double, privateKilobytes: Int, residentKilobytes: Int, descriptors: Int, sockets: Int, threads: Int,
        children: Int, watches: Int, connections: Int
    ) {
        self.seconds = seconds
        self.privateKilobytes = privateKilobytes
        self.residentKilobytes = residentKilobytes
        self.descriptors = descriptors
        self.sockets = sockets
        self.threads = threads
        self.children = children
        self.watches = watches
        self.connections = connections
    }
}
