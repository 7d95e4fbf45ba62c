using System.CommandLine;
using ControlPlane.Authentication;
using ControlPlane.Certificates;
using KubeApi;

namespace ControlPlane;

/// <summary><c>controlplane kubeconfig admin|node NAME</c>: prints a kubeconfig with a new client certificate.</summary>
internal static class KubeconfigCommand
{
    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var server = new Option<string>("--server") { Description = "URL of the API server, e.g. https://192.168.56.10:6443", Required = true };
        var name = new Argument<string>("NAME") { Description = "Name of the node" };

        var admin = new Command("admin", "For an administrator: may do everything") { dataDirectory, server };
        admin.SetAction(parsed => Print(parsed.GetValue(dataDirectory)!, parsed.GetValue(server)!, "kubernetes-admin", (authority, url) => authority.CreateKubeconfig(url, "kubernetes-admin", User.Masters)));

        var node = new Command("node", "For the agent of one node: may do what concerns that node") { name, dataDirectory, server };
        node.SetAction(parsed => Print(parsed.GetValue(dataDirectory)!, parsed.GetValue(server)!, User.NodePrefix + parsed.GetValue(name), (authority, url) => authority.CreateNodeKubeconfig(url, parsed.GetValue(name)!)));

        return new Command("kubeconfig", "Prints a kubeconfig; it holds a private key") { admin, node };
    }

    private static int Print(DirectoryInfo directory, string server, string user, Func<ClusterCa, string, Kubeconfig> create)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme != "https")
        {
            Console.Error.WriteLine($"controlplane: --server {server}: not an https URL");
            return 2;
        }
        try
        {
            new Store.StoreFiles(directory.FullName).RequireAuthority();
            using var authority = ClusterCa.Open(Path.Combine(directory.FullName, "pki"));
            Console.Out.Write(create(authority, server).ToYaml(user));
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or Store.StoreDamagedException)
        {
            Console.Error.WriteLine($"controlplane: {e.Message}");
            return 1;
        }
    }
}
