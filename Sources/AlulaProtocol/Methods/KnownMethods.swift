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
        (pairing, .scope(.pairing)), (questions, .scope(.questions)), (node, .node),
    ]

    private static let read = """
        agent.identity.get agents.files.get agents.files.list agents.list agents.workspace.get agents.workspace.list
        artifacts.download artifacts.get artifacts.list assistant.media.get audit.activity.list audit.list
        channels.status chat.history chat.message.get chat.metadata chat.startup commands.list config.get
        config.schema.lookup cron.get cron.list cron.runs cron.status diagnostics.stability doctor.memory.dreamDiary
        doctor.memory.remHarness doctor.memory.status environments.list environments.status gateway.identity.get
        gateway.restart.preflight gateway.suspend.status health hooks.status last-heartbeat logs.tail
        mcp.app.listResourceTemplates mcp.app.listResources mcp.app.listTools mcp.app.readResource mcp.app.view
        memory.search models.authStatus models.list node.describe node.list plugin.surface.refresh plugins.list
        plugins.search plugins.uiDescriptors session.discussion.info session.members.list session.suggestions.list
        sessions.branches.list sessions.catalog.list sessions.catalog.read sessions.compaction.get
        sessions.compaction.list sessions.companion.ask sessions.companion.state sessions.describe sessions.diff
        sessions.files.get sessions.files.list sessions.get sessions.groups.list sessions.list
        sessions.messages.subscribe sessions.messages.unsubscribe sessions.observer.visibility sessions.preview
        sessions.resolve sessions.search sessions.subscribe sessions.unsubscribe sessions.usage sessions.usage.logs
        sessions.usage.timeseries sessions.viewers.set skills.curator.status skills.detail skills.proposals.inspect
        skills.proposals.list skills.search skills.securityVerdicts skills.skillCard skills.status status
        system-presence system.info talk.catalog talk.config taskSuggestions.list tasks.get tasks.list tools.catalog
        tools.effective tts.personas tts.providers tts.status usage.cost usage.status users.list voicewake.get
        voicewake.routing.get worktrees.list
        """

    private static let write = """
        agent agent.wait chat.abort chat.send chat.toolTitles doctor.memory.backfillDreamDiary
        doctor.memory.dedupeDreamDiary doctor.memory.repairDreamingArtifacts doctor.memory.resetDreamDiary
        doctor.memory.resetGroundedShortTerm mcp.app.callTool mcp.app.updateModelContext message.action node.invoke
        node.pending.enqueue poll push.test push.web.subscribe push.web.test push.web.unsubscribe
        push.web.vapidPublicKey send sessions.abort sessions.catalog.archive sessions.catalog.continue
        sessions.compaction.branch sessions.create sessions.fork sessions.groups.delete sessions.groups.put
        sessions.groups.rename sessions.send sessions.steer talk.client.create talk.client.steer talk.client.toolCall
        talk.mode talk.session.appendAudio talk.session.cancelOutput talk.session.cancelTurn talk.session.close
        talk.session.create talk.session.endTurn talk.session.join talk.session.startTurn talk.session.steer
        talk.session.submitToolResult talk.speak tasks.cancel tasks.dismiss tasks.retry tools.invoke tts.convert
        tts.disable tts.enable tts.setPersona tts.setProvider tts.speak ui.command users.self users.setAvatar
        users.setDisplayName voicewake.routing.set voicewake.set wake
        """

    private static let admin = """
        agents.create agents.delete agents.files.set agents.update browser.request channels.logout channels.start
        channels.stop chat.inject config.apply config.openFile config.patch config.schema config.set cron.add
        cron.remove cron.run cron.scratch.get cron.scratch.set cron.update device.pair.setupCode environments.create
        environments.destroy exec.approvals.get exec.approvals.node.get exec.approvals.node.set exec.approvals.set
        fs.listDir gateway.restart.request gateway.suspend.prepare gateway.suspend.resume models.authLogout
        models.probe nativeHook.invoke plugins.install plugins.refresh plugins.sessionAction plugins.setEnabled
        plugins.uninstall secrets.reload secrets.resolve sessions.branches.switch sessions.cleanup sessions.compact
        sessions.compaction.restore sessions.delete sessions.dispatch sessions.patch sessions.pluginPatch
        sessions.reclaim sessions.reset sessions.rewind set-heartbeats skills.install skills.proposals.apply
        skills.proposals.create skills.proposals.quarantine skills.proposals.reject skills.proposals.requestRevision
        skills.proposals.revise skills.proposals.update skills.update skills.upload.begin skills.upload.chunk
        skills.upload.commit system-event update.run update.status users.linkEmail web.login.start web.login.wait
        wizard.cancel wizard.next wizard.start wizard.status
        """

    private static let approvals = """
        approval.get approval.history approval.resolve exec.approval.get exec.approval.list exec.approval.request
        exec.approval.resolve exec.approval.waitDecision plugin.approval.list plugin.approval.request
        plugin.approval.resolve plugin.approval.waitDecision
        """

    private static let pairing = """
        device.pair.approve device.pair.list device.pair.reject device.pair.remove device.pair.rename
        device.token.revoke device.token.rotate node.pair.approve node.pair.list node.pair.reject node.pair.remove
        node.pair.request node.pair.verify node.rename
        """

    private static let questions = """
        question.get question.list question.request question.resolve question.waitAnswer
        """

    private static let node = """
        node.canvas.capability.refresh node.event node.invoke.result node.pending.ack node.pending.drain
        node.pending.pull node.pluginSurface.refresh skills.bins
        """
}
