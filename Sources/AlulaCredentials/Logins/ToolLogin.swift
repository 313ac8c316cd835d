package import AlulaAuth
package import AlulaPrimitives

/// A login that another tool keeps on this machine, with its tokens. It is read and used, never refreshed or rewritten.
package struct ToolLogin: Sendable {
    package var tool: LoginTool
    /// What requests are signed with.
    package var access: Secret
    /// What the tool renews its login with; it is never used from here.
    package var refresh: Secret?
    package var idToken: Secret?
    package var expiry: ProfileFact.Expiry
    package var identity: ProfileFact.Identity
    /// When the file was last written.
    package var modified: Timestamp
    /// The file, as the plan names it.
    package var path: String
    /// Changes with every byte of the file.
    package var version = FactVersion(rawValue: 0)

    package init(
        tool: LoginTool, access: Secret, refresh: Secret? = nil, idToken: Secret? = nil,
        expiry: ProfileFact.Expiry = .unstated, identity: ProfileFact.Identity = .init(), modified: Timestamp,
        path: String
    ) {
        self.tool = tool
        self.access = access
        self.refresh = refresh
        self.idToken = idToken
        self.expiry = expiry
        self.identity = identity
        self.modified = modified
        self.path = path
    }

    /// What may be known about this login outside of this module.
    package var fact: LoginFact {
        LoginFact(
            tool: tool, kind: refresh == nil ? .token : .oauth, digest: FactVersion(recognising: access),
            refreshDigest: refresh.map(FactVersion.init(recognising:)), expiry: expiry, identity: identity,
            modified: modified, path: path)
    }
}
