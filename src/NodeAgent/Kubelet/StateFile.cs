using System.Text.Json;

namespace NodeAgent.Kubelet;

/// <summary>Small JSON files that are whole or absent: written beside their place, then renamed.</summary>
internal static class StateFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true };

    public static void Write<T>(string path, T state)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(state, Json));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Null where there is no file. A damaged file is renamed to <c>*.damaged</c> for whoever wants to look at it,
    /// reported, and counts as absent.
    /// </summary>
    public static T? Read<T>(string path, Action<string> log) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Json) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            log($"{path} is damaged ({e.Message}); set aside as {Path.GetFileName(path)}.damaged");
            return null;
        }
    }

    /// <summary>Null where there is no file or no use in it; nothing is changed.</summary>
    public static T? TryRead<T>(string path) where T : class
    {
        try { return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Json); }
        catch (Exception e) when (e is IOException or JsonException) { return null; }
    }
}
