using System.IO.MemoryMappedFiles;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>The input of the moment in a file, so that it is known even if the process dies of it.</summary>
internal sealed class InputTrace : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _capacity;
    private bool _keep;
    private byte[] _last = [];

    internal InputTrace(string path, int capacity)
    {
        Path = path;
        _capacity = capacity + 4;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, _capacity);
        _view = _file.CreateViewAccessor();
    }

    internal string Path { get; }

    internal void Note(byte[] input)
    {
        _last = input;
        // Contents first: int32 length at the end of the file.
        _view.WriteArray(0, input, 0, input.Length);
        _view.Write(_capacity - 4, input.Length);
    }

    internal void Keep() => _keep = true;

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        if (_keep)
            File.WriteAllBytes(Path, _last);
        else
            File.Delete(Path);
    }
}
