using System.CommandLine;
using System.Security.Cryptography;
using KubeApi;
using NodeAgent.Joining;

namespace NodeAgent;

/// <summary><c>nodeagent reset</c>: this machine is no node any more. Ends its pods, and removes what <c>join</c> and <c>run</c> made, credentials included.</summary>
internal static class ResetCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig") { Description = "The node's credentials", DefaultValueFactory = _ => "/etc/nodeagent/kubeconfig", HelpName = "FILE" };
        var command = new Command("reset", "Makes this machine a node no more: ends its pods and removes its credentials; the agent must not be running. Images and manifests of static pods stay")
        {
            kubeconfig, CommandLine.RunDirectory, CommandLine.RootDirectory, CommandLine.LogDirectory,
        };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var file = Path.GetFullPath(parsed.GetValue(kubeconfig)!);
            var node = NameOf(file);
            var paths = CommandLine.Paths(parsed);
            await CleanupCommand.Clean(paths, cancel); // first: without its credentials a node whose pods still run could not be found again
            Forget(file, paths);
            Console.WriteLine(node is null ? "This machine is no node any more." : $"This machine is no node any more. The cluster still has its Node object: 'kubectl delete node {node}' removes it, with its pods and lease.");
        }));
        return command;
    }

    /// <summary>Who the node was, and which pod addresses it had: another cluster's would be others.</summary>
    internal static void Forget(string kubeconfig, NodePaths paths)
    {
        foreach (var path in new[] { kubeconfig, ServingCertificateFile.Beside(kubeconfig), NetworkPart.PodCidrPlace(paths) })
            foreach (var file in new[] { path, path + ".new" })
                if (File.Exists(file)) File.Delete(file);
    }

    /// <summary>Null where the machine has not joined, or nobody can tell as what.</summary>
    private static string? NameOf(string file)
    {
        try { return File.Exists(file) ? NodeIdentityFile.NodeName(Kubeconfig.Load(file)) : null; }
        catch (Exception e) when (e is IOException or FormatException or CryptographicException) { return null; }
    }
}
