using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>Creates, replaces, patches and deletes objects of its own at random, as fast as the server answers.</summary>
internal sealed class LoadWriter<T>(ApiClient api, Revisions revisions, string prefix, int seed) where T : KubeObject, new()
{
    private const string Namespace = "default";

    private readonly Random random = new(seed);
    private int writes;

    public IReadOnlyList<WrittenObject> Objects { get; } = [.. Enumerable.Range(0, 6).Select(number => new WrittenObject($"{prefix}-{number}"))];

    public int Acknowledged { get; private set; }

    /// <summary>Until the server is gone.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await One(Objects[random.Next(Objects.Count)]);
                Acknowledged++;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                return; // it did not answer, or not to the end: the write may have been made or not
            }
        }
    }

    private async Task One(WrittenObject obj)
    {
        var token = $"{prefix}.{++writes}.{random.Next()};";
        var kind = obj.Exists ? random.Next(4) : -1;
        obj.Sending(kind == 3 ? null : token);
        switch (kind)
        {
            case -1:
                Answered(obj, token, await api.Create(New(obj.Name, token, null), CancellationToken.None));
                break;
            case 0 or 1:
                Answered(obj, token, await api.Update(New(obj.Name, token, $"{obj.Revision}"), CancellationToken.None));
                break;
            case 2:
                Answered(obj, token, await api.MergePatch<T>(Namespace, obj.Name, new { metadata = new { annotations = WrittenObject.Content(token) } }, CancellationToken.None));
                break;
            default:
                await api.Delete<T>(Namespace, obj.Name, CancellationToken.None);
                obj.Acknowledged(null, 0);
                break;
        }
    }

    private void Answered(WrittenObject obj, string token, T answer)
    {
        Assert.Equal(token, WrittenObject.Token(answer));
        obj.Acknowledged(token, revisions.Record(answer));
    }

    private static T New(string name, string token, string? revision) => new T() with
    {
        Metadata = new ObjectMeta { Name = name, Namespace = Namespace, ResourceVersion = revision, Annotations = WrittenObject.Content(token) },
    };
}
