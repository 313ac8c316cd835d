/// The methods of the protocol that this gateway knows by name, with who may call them.
///
/// The table is the protocol's, not a list of what is served here: a client that calls a known method which
/// is not served learns that, and not that it misspelled the name.
package enum KnownMethods {
    /// Who may call `method`, or `nil` when no version of the protocol has it.
    package static func access(to method: String) -> MethodAccess? { accesses[method] }

    /// All names, sorted.
    package static var names: [String] { accesses.keys.sorted() }

    private static let accesses: [String: MethodAccess] = {
        var accesses: [String: MethodAccess] = [:]
        for (words, access) in lists {
            for name in words.split(whereSeparator: \.isWhitespace) { accesses[String(name)] = access }
        }
        // The table of the protocol lists `health` under `read`, and every version answers it without a scope.
        accesses["health"] = .anyone
        return accesses
    }()

    private static let lists: [(words: String, access: MethodAccess)] = [
        (read, .scope(.read)), (write, .scope(.write)), (admin, .scope(.admin)), (approvals, .scope(.approvals)),
        (pairing, .scope(.pairing)), (node, .node),
    ]

    private static let read = """
        agent.identity.get agents.files.get agents.files.list agents.list artifacts.download artifacts.get
        artifacts.list assistant.media.get channels.status chat.history chat.message.get chat.metadata
        chat.startup commands.list config.get config.schema.lookup cron.get cron.list cron.runs cron.status
        diagnostics.stability doctor.memory.dreamDiary doctor.memory.remHarness doctor.memory.status
        environments.list environments.status gateway.identity.get gateway.restart.preflight health
        last-heartbeat logs.tail models.authStatus models.list node.describe node.list plugins.uiDescriptors
        sessions.compaction.get sessions.compaction.list sessions.describe sessions.files.get
        sessions.files.list sessions.get sessions.list sessions.messages.subscribe sessions.messages.unsubscribe
        sessions.preview sessions.resolve sessions.subscribe sessions.unsubscribe sessions.usage
        sessions.usage.logs sessions.usage.timeseries skills.detail skills.proposals.inspect
        skills.proposals.list skills.search skills.securityVerdicts skills.skillCard skills.status status
        system-presence talk.catalog talk.config tasks.get tasks.list tools.catalog tools.effective tts.personas
        tts.providers tts.status usage.cost usage.status voicewake.get voicewake.routing.get
        """

    private static let write = """
        agent agent.wait chat.abort chat.send doctor.memory.backfillDreamDiary doctor.memory.dedupeDreamDiary
        doctor.memory.repairDreamingArtifacts doctor.memory.resetDreamDiary doctor.memory.resetGroundedShortTerm
        message.action node.invoke node.pending.enqueue poll push.test push.web.subscribe push.web.test
        push.web.unsubscribe push.web.vapidPublicKey send sessions.abort sessions.compaction.branch
        sessions.create sessions.send sessions.steer talk.client.create talk.client.steer talk.client.toolCall
        talk.mode talk.session.appendAudio talk.session.cancelOutput talk.session.cancelTurn talk.session.close
        talk.session.create talk.session.endTurn talk.session.join talk.session.startTurn talk.session.steer
        talk.session.submitToolResult talk.speak tasks.cancel tools.invoke tts.convert tts.disable tts.enable
        tts.setPersona tts.setProvider voicewake.routing.set voicewake.set wake
        """

    private static let admin = """
        agents.create agents.delete agents.files.set agents.update browser.request channels.logout
        channels.start channels.stop chat.inject config.apply config.openFile config.patch config.schema
        config.set cron.add cron.remove cron.run cron.update exec.approvals.get exec.approvals.node.get
        exec.approvals.node.set exec.approvals.set gateway.restart.request models.authLogout nativeHook.invoke
        plugins.sessionAction secrets.reload secrets.resolve sessions.cleanup sessions.compact
        sessions.compaction.restore sessions.delete sessions.patch sessions.pluginPatch sessions.reset
        set-heartbeats skills.install skills.proposals.apply skills.proposals.create skills.proposals.quarantine
        skills.proposals.reject skills.proposals.requestRevision skills.proposals.revise skills.proposals.update
        skills.update skills.upload.begin skills.upload.chunk skills.upload.commit system-event update.run
        update.status web.login.start web.login.wait wizard.cancel wizard.next wizard.start wizard.status
        """

    private static let approvals = """
        exec.approval.get exec.approval.list exec.approval.request exec.approval.resolve
        exec.approval.waitDecision plugin.approval.list plugin.approval.request plugin.approval.resolve
        plugin.approval.waitDecision
        """

    private static let pairing = """
        device.pair.approve device.pair.list device.pair.reject device.pair.remove device.token.revoke
        device.token.rotate node.pair.approve node.pair.list node.pair.reject node.pair.remove node.pair.request
        node.pair.verify node.rename
        """

    private static let node = """
        node.canvas.capability.refresh node.event node.invoke.result node.pending.ack node.pending.drain
        node.pending.pull node.pluginSurface.refresh skills.bins
        """
}
