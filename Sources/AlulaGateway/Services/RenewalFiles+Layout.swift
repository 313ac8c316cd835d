package import AlulaCredentials
package import AlulaState

extension RenewalFiles {
    /// The places in a state directory.
    package init(_ layout: StateLayout) {
        self.init(directory: layout.renewals, referenceLock: { layout.refreshLock(digest: $0) })
    }
}
