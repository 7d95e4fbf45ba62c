using System.Net;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// ConfigMap <c>kube-public/cluster-info</c>: where the API server is and its CA, for machines that are about to join and know
/// nobody yet. Anybody may read it; whoever does must compare the CA with a hash that came another way.
/// </summary>
internal static class ClusterInfo
{
    public const string Namespace = "kube-public", Name = "cluster-info", Key = "kubeconfig";

    private const string Role = "kubeadm:bootstrap-signer-clusterinfo", Rbac = "rbac.authorization.k8s.io";

    /// <summary>Writes it anew at each start: address and CA may be others. Who may read it is left as it is.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static async Task Write(ApiClient client, IPEndPoint server, string authority, CancellationToken cancel)
    {
        await IfMissing(client, new Role
        {
            Metadata = new ObjectMeta { Name = Role, Namespace = Namespace },
            Rules = [new PolicyRule { ApiGroups = [""], Resources = ["configmaps"], ResourceNames = [Name], Verbs = ["get"] }],
        }, cancel);
        await IfMissing(client, new RoleBinding
        {
            Metadata = new ObjectMeta { Name = Role, Namespace = Namespace }, RoleRef = new RoleRef { ApiGroup = Rbac, Kind = "Role", Name = Role },
            Subjects = [new Subject { Kind = "Group", ApiGroup = Rbac, Name = Authentication.User.Unauthenticated }, new Subject { Kind = "Group", ApiGroup = Rbac, Name = Authentication.User.Authenticated }],
        }, cancel);
        var info = new ConfigMap { Metadata = new ObjectMeta { Name = Name, Namespace = Namespace }, Data = new Dictionary<string, string> { [Key] = Text(server, authority) } };
        if (await client.Find<ConfigMap>(Namespace, Name, cancel) is not { } old) await client.Create(info, cancel);
        else if (old.Data?.GetValueOrDefault(Key) != info.Data[Key]) await client.Update(old with { Data = new Dictionary<string, string>(old.Data ?? info.Data) { [Key] = info.Data[Key] } }, cancel);
    }

    private static string Text(IPEndPoint server, string authority) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: ""
          cluster:
            certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(authority))}
            server: https://{server}

        """;

    private static async Task IfMissing<T>(ApiClient client, T obj, CancellationToken cancel) where T : KubeObject
    {
        if (await client.Find<T>(obj.Namespace, obj.Name, cancel) is null) await client.Create(obj, cancel);
    }
}
