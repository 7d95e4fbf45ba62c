using System.CommandLine;
using NodeAgent.Joining;

namespace NodeAgent;

/// <summary><c>nodeagent join</c>: makes this machine a node of a cluster, by a token.</summary>
internal static class JoinCommand
{
    public static Command Create()
    {
        var server = new Argument<string>("SERVER") { Description = "The control plane, e.g. https://192.168.56.10:6443" };
        var token = new Option<string?>("--token") { Description = "ID.SECRET, as 'controlplane token create' printed it; everybody on this machine can see it while join runs", HelpName = "TOKEN" };
        var file = new Option<string?>("--token-file") { Description = "File with the token; - reads it from standard input. Nobody else sees it", HelpName = "FILE" };
        var pins = new Option<string[]>("--discovery-token-ca-cert-hash") { Description = "Hash of the cluster's CA, sha256:HEX; may be repeated", HelpName = "HASH", DefaultValueFactory = _ => [] };
        var name = new Option<string>("--node-name") { Description = "Name of the node", DefaultValueFactory = _ => Environment.MachineName.ToLowerInvariant(), HelpName = "NAME" };
        var kubeconfig = new Option<string>("--kubeconfig") { Description = "Where the node's credentials are written", DefaultValueFactory = _ => "/etc/nodeagent/kubeconfig", HelpName = "FILE" };
        var command = new Command("join", "Makes this machine a node of a cluster") { server, token, file, pins, name, kubeconfig };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var options = JoinOptions.Parse(parsed.GetValue(server)!, await Token(parsed.GetValue(token), parsed.GetValue(file), cancel), parsed.GetValue(pins)!, parsed.GetValue(name)!, parsed.GetValue(kubeconfig)!);
            var joined = await new Joiner(options).Join(cancel);
            Console.WriteLine(joined ? $"This machine is node \"{options.NodeName}\" of the cluster at {options.Server.Authority} now; its credentials are in {options.Kubeconfig}.\nStart the agent: systemctl enable --now nodeagent (or: nodeagent run)"
                : $"This machine is node \"{options.NodeName}\" of the cluster at {options.Server.Authority} already; nothing was changed.");
        }));
        return command;
    }

    private static async Task<string> Token(string? token, string? file, CancellationToken cancel)
    {
        if (token is null == file is null) throw new JoinException("give either --token or --token-file");
        return token ?? (file == "-" ? await Console.In.ReadToEndAsync(cancel) : await File.ReadAllTextAsync(file!, cancel)).Trim();
    }
}
