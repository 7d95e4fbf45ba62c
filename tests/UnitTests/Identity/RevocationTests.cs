using ControlPlane.Authentication;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Identity;

/// <summary>How long a token holds, with the clock in the test's hands.</summary>
public sealed class RevocationTests : IDisposable
{
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryDirectory directory = new();
    private readonly ObjectStore store;
    private readonly ServiceAccountKeys keys;
    private readonly ServiceAccountTokens tokens;

    public RevocationTests()
    {
        store = ObjectStore.Open(new StoreFiles(directory.Path), Kinds.Stored.ToDictionary(kind => kind.Resource.QualifiedName, kind => kind.Resource.Type));
        keys = ServiceAccountKeys.Open(Directory.CreateDirectory(Path.Combine(directory.Path, "pki")).FullName);
        tokens = new ServiceAccountTokens(store, new JsonWebToken(keys));
    }

    [Fact]
    public async Task A_token_ends_at_its_time()
    {
        var token = tokens.Issue(await Put(new ServiceAccount(), "a"), TokenAuthenticator.ApiAudiences, TimeSpan.FromMinutes(10), Start);
        Assert.NotNull(Shown(token, Start.AddSeconds(599)));
        Assert.Null(Shown(token, Start.AddSeconds(600)));
        Assert.Null(Shown(token, Start.AddMinutes(-2))); // not yet
    }

    [Fact]
    public async Task A_pods_token_outlives_its_deletion_time_by_a_minute()
    {
        var account = await Put(new ServiceAccount(), "a");
        var pod = await Put(new Pod(), "p");
        var token = tokens.Issue(account, TokenAuthenticator.ApiAudiences, TimeSpan.FromHours(1), Start, pod);
        var stored = store.Snapshot.Get(new StoreKey("pods", "n", "p"))!;
        await store.Update(stored.Key, stored.Revision, stored.Object with { Metadata = stored.Object.Metadata with { DeletionTimestamp = Start.AddSeconds(30) } });
        Assert.NotNull(Shown(token, Start.AddSeconds(89)));
        Assert.Null(Shown(token, Start.AddSeconds(91)));
    }

    [Fact]
    public async Task A_token_ends_with_its_secret_or_node_or_one_of_another_uid()
    {
        var account = await Put(new ServiceAccount(), "a");
        var (secret, node) = (await Put(new Secret(), "s"), await Put(new Node(), "n1"));
        var bySecret = tokens.Issue(account, TokenAuthenticator.ApiAudiences, TimeSpan.FromHours(1), Start, secret: secret);
        var byNode = tokens.Issue(account, TokenAuthenticator.ApiAudiences, TimeSpan.FromHours(1), Start, node: node);
        Assert.NotNull(Shown(bySecret, Start));
        Assert.NotNull(Shown(byNode, Start));
        await Remove("secrets", "n", "s");
        await Remove("nodes", "", "n1");
        Assert.Null(Shown(bySecret, Start));
        await Put(new Node(), "n1");
        Assert.Null(Shown(byNode, Start));
    }

    [Fact]
    public async Task A_retired_key_still_verifies_and_a_foreign_one_never()
    {
        var account = await Put(new ServiceAccount(), "a");
        var token = tokens.Issue(account, TokenAuthenticator.ApiAudiences, TimeSpan.FromHours(1), Start);
        var pki = Path.Combine(directory.Path, "pki");
        File.Move(Path.Combine(pki, "sa.key"), Path.Combine(pki, "sa-2029.key"));
        using (var rotated = ServiceAccountKeys.Open(pki))
        {
            Assert.NotEqual(keys.CurrentId, rotated.CurrentId);
            Assert.NotNull(new ServiceAccountTokens(store, new JsonWebToken(rotated)).Authenticate(token, TokenAuthenticator.ApiAudiences, Start));
        }
        File.Delete(Path.Combine(pki, "sa-2029.key"));
        using var other = ServiceAccountKeys.Open(pki);
        Assert.Null(new ServiceAccountTokens(store, new JsonWebToken(other)).Authenticate(token, TokenAuthenticator.ApiAudiences, Start));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(pki, "sa.key")));
    }

    private TokenIdentity? Shown(string token, DateTime now) => tokens.Authenticate(token, TokenAuthenticator.ApiAudiences, now);

    private async Task<T> Put<T>(T obj, string name) where T : KubeObject
    {
        var resource = Resource.Of<T>();
        var made = obj with { Metadata = new ObjectMeta { Name = name, Namespace = resource.Namespaced ? "n" : null, Uid = Guid.NewGuid().ToString() } };
        return (T)(await store.Create(new StoreKey(resource.QualifiedName, made.Namespace, name), made)).Object;
    }

    private async Task Remove(string resource, string ns, string name)
    {
        var key = new StoreKey(resource, ns, name);
        await store.Delete(key, store.Snapshot.Get(key)!.Revision);
    }

    public void Dispose()
    {
        keys.Dispose();
        store.Dispose();
        directory.Dispose();
    }
}
