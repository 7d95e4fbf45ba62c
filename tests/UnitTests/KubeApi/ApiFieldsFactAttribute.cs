namespace UnitTests.KubeApi;

/// <summary>
/// A test against the published field facts of the API. They are not part of the project: NODEAGENT_API_FIELDS names
/// the file, else it is looked for as shared/design/api-fields.json beside the repository. Without it the test is skipped.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ApiFieldsFactAttribute : FactAttribute
{
    public ApiFieldsFactAttribute()
    {
        if (File is null) Skip = "api-fields.json is not there (NODEAGENT_API_FIELDS names it)";
    }

    public static string? File { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("NODEAGENT_API_FIELDS") is { Length: > 0 } named) return System.IO.File.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "design", "api-fields.json") is var file && System.IO.File.Exists(file)) return file;
        return null;
    }
}
