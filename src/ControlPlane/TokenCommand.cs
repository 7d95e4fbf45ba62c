using System.CommandLine;
using System.Net;
using System.Text;
using ControlPlane.Authentication;
using ControlPlane.Certificates;
using ControlPlane.Joining;
using ControlPlane.Registry.Tables;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane;

/// <summary>
/// <c>controlplane token create|list|delete</c>: the tokens by which machines join, on the machine of the control plane,
/// which must be running. Whoever can read its private key is its administrator and needs no kubeconfig.
/// </summary>
internal static class TokenCommand
{
    private static readonly Option<string> Server = new("--server") { Description = "URL of the API server, as this machine reaches it", DefaultValueFactory = _ => "https://127.0.0.1:6443" };

    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var ttl = new Option<string>("--ttl") { Description = "How long the token holds, e.g. 2h or 30m; 0: until it is deleted", DefaultValueFactory = _ => "24h" };
        var description = new Option<string>("--description") { Description = "What it is for", DefaultValueFactory = _ => "" };
        var once = new Option<bool>("--single-use") { Description = "One machine can join by it: whoever sees it later has nothing" };
        var print = new Option<bool>("--print-join-command") { Description = "Prints the whole line to be run on the new node" };
        var create = new Command("create", "Makes a token and prints it") { ttl, description, once, print, dataDirectory, Server };
        create.SetAction((parsed, cancel) => With(parsed, dataDirectory, (client, authority) => Make(client, authority, parsed.GetValue(ttl)!, parsed.GetValue(description)!, parsed.GetValue(once), parsed.GetValue(print), cancel)));

        var list = new Command("list", "Lists the tokens, without their secrets") { dataDirectory, Server };
        list.SetAction((parsed, cancel) => With(parsed, dataDirectory, (client, _) => List(client, cancel)));

        var ids = new Argument<string[]>("TOKEN") { Description = "ID, or ID.SECRET", Arity = ArgumentArity.OneOrMore };
        var delete = new Command("delete", "Revokes tokens: from now on nobody joins by them; nodes that have joined stay") { ids, dataDirectory, Server };
        delete.SetAction((parsed, cancel) => With(parsed, dataDirectory, (client, _) => Delete(client, parsed.GetValue(ids)!, cancel)));
        return new Command("token", "Tokens by which machines join the cluster") { create, list, delete };
    }

    private static async Task Make(ApiClient client, ClusterCa authority, string ttl, string description, bool once, bool print, CancellationToken cancel)
    {
        var lifetime = TokenLifetime.Parse(ttl);
        var token = JoinToken.New();
        await client.Create(token.ToObject(lifetime is { } time ? DateTime.UtcNow + time : null, description, once), cancel);
        Console.WriteLine(print ? JoinCommandLine.Of(await AdvertisedServer(client, cancel), token, authority.Certificate) : token.ToString());
    }

    private static async Task<string> AdvertisedServer(ApiClient client, CancellationToken cancel)
    {
        var subset = (await client.Get<Endpoints>("default", "kubernetes", cancel)).Subsets!.Single();
        return $"https://{new IPEndPoint(IPAddress.Parse(subset.Addresses!.First().Ip), subset.Ports!.Single().Port)}";
    }

    private static async Task List(ApiClient client, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        Console.WriteLine($"{"TOKEN ID",-10}{"TTL",-10}{"EXPIRES",-24}{"DESCRIPTION",-32}EXTRA GROUPS");
        foreach (var secret in (await client.List<Secret>(new ListOptions(BootstrapTokens.Namespace, FieldSelector: "type=" + BootstrapTokens.SecretType), cancel)).Items)
        {
            var end = BootstrapTokens.ExpirationOf(secret);
            Console.WriteLine($"{Text(secret, "token-id"),-10}{(end is null ? "<forever>" : end <= now ? "<expired>" : HumanDuration.Format(end.Value - now)),-10}"
                + $"{(end is null ? "<never>" : end.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")),-24}{(Text(secret, "description") is { Length: > 0 } what ? what : "<none>"),-32}{Text(secret, "auth-extra-groups")}");
        }
    }

    private static string Text(Secret secret, string key) => Encoding.UTF8.GetString(secret.Data?.GetValueOrDefault(key) ?? []);

    private static async Task Delete(ApiClient client, string[] tokens, CancellationToken cancel)
    {
        foreach (var id in tokens.Select(token => token.Split('.')[0]))
        {
            if (await client.Find<Secret>(BootstrapTokens.Namespace, BootstrapTokens.NamePrefix + id, cancel) is null) throw new FormatException($"there is no token {id}: 'controlplane token list' shows those that are there");
            await client.Delete<Secret>(BootstrapTokens.Namespace, BootstrapTokens.NamePrefix + id, cancel);
            Console.WriteLine($"token \"{id}\" deleted");
        }
    }

    private static async Task<int> With(ParseResult parsed, Option<DirectoryInfo> dataDirectory, Func<ApiClient, ClusterCa, Task> work)
    {
        var (directory, server) = (parsed.GetValue(dataDirectory)!.FullName, parsed.GetValue(Server)!);
        try
        {
            if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme != "https") throw new FormatException($"--server {server}: not an https URL");
            if (!File.Exists(Path.Combine(directory, "pki", "ca.key"))) throw new FormatException($"there is no control plane in {directory}: run this on its machine, as its user (sudo), or name its --data-dir");
            using var authority = ClusterCa.Open(Path.Combine(directory, "pki"));
            using var client = new ApiClient(authority.CreateKubeconfig(server, "kubernetes-admin", User.Masters), "controlplane-token");
            await work(client, authority);
            return 0;
        }
        catch (HttpRequestException e) { return Fail($"the API server does not answer at {server}: {e.Message}; is the control plane running? (systemctl status controlplane)"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or FormatException or ApiException) { return Fail(e.Message); }

        static int Fail(string message)
        {
            Console.Error.WriteLine($"controlplane: {message}");
            return 1;
        }
    }
}
