using System.Text.Json;

namespace NodeAgent.Kubelet;

/// <summary>Small JSON files that are whole or absent: written beside their place, then renamed. Root's alone, since pods have passwords in their env.</summary>
internal static class StateFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true };

    public static void Write<T>(string path, T state)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".tmp";
        File.Delete(temporary); // of an agent that was killed; its mode would stay
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            file.Write(JsonSerializer.SerializeToUtf8Bytes(state, Json));
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
