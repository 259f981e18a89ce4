<?php

declare(strict_types=1);

/*
 * Parses snippets of PHP, and looks up the classes, functions, static methods and constants that they name, in a Laravel application
 * that is booted. Its argument is a file: `[{"place": "…", "text": "…"}]`. Prints the faults as a list in JSON.
 */

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Foundation\Application;
use Illuminate\Support\Facades\Facade;
use PhpParser\Error;
use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\Node\Identifier;
use PhpParser\Node\Name;
use PhpParser\Node\Stmt;
use PhpParser\NodeFinder;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitor\NameResolver;
use PhpParser\ParserFactory;
use Revurb\RevurbServiceProvider;

$root = dirname(__DIR__, 3);
require $root.'/vendor/autoload.php';

$folder = sys_get_temp_dir().'/revurb-docs-'.getmypid();
foreach (['bootstrap/cache', 'storage/framework/views', 'storage/logs'] as $directory) {
    mkdir($folder.'/'.$directory, recursive: true);
}
register_shutdown_function(static fn () => (new Illuminate\Filesystem\Filesystem)->deleteDirectory($folder));

Application::configure($folder)->withProviders([RevurbServiceProvider::class], withBootstrapProviders: false)->create()->make(Kernel::class)->bootstrap();

/** @var list<array{place: string, text: string}> $snippets */
$snippets = json_decode((string) file_get_contents($argv[1]), true, flags: JSON_THROW_ON_ERROR);

$parsed = [];
$faults = [];
foreach ($snippets as ['place' => $place, 'text' => $text]) {
    try {
        $parsed[$place] = parsed($text);
    } catch (Error $error) {
        $faults[] = $place.': '.$error->getMessage();
    }
}

// What an application declares itself: a class of one block is used in another one.
$own = [];
foreach ($parsed as $statements) {
    foreach ((new NodeFinder)->findInstanceOf($statements, Stmt\ClassLike::class) as $class) {
        $own[] = strtolower((string) $class->namespacedName);
    }
}

foreach ($parsed as $place => $statements) {
    foreach ((new NodeFinder)->find($statements, static fn () => true) as $node) {
        $fault = fault($node, $own);
        if ($fault !== null) {
            $faults[] = $place.': '.$fault;
        }
    }
}
sort($faults);

echo json_encode(array_values(array_unique($faults)), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);

/** @return Node[] with the full name of each class */
function parsed(string $text): array
{
    $text = str_starts_with(ltrim($text), '<?php') ? $text : "<?php\n".$text;
    // Some excerpts of an array, as of config/reverb.php, or of a class stand alone.
    $wrapped = [$text, preg_replace('/^<\?php\n/', "<?php\nreturn [\n", $text)."\n];", preg_replace('/^<\?php\n/', "<?php\nnew class {\n", $text)."\n};"];
    foreach ($wrapped as $candidate) {
        try {
            $statements = (new ParserFactory)->createForNewestSupportedVersion()->parse((string) $candidate) ?? [];

            return (new NodeTraverser(new NameResolver))->traverse($statements);
        } catch (Error $error) {
            $first ??= $error;
        }
    }

    throw $first;
}

/** @param  list<string>  $own */
function fault(Node $node, array $own): ?string
{
    if ($node instanceof Stmt\UseUse || $node instanceof Node\UseItem) {
        return missingClass($node->name, $own);
    }
    if ($node instanceof Expr\FuncCall && $node->name instanceof Name) {
        $name = $node->name;

        return function_exists($name->toString()) || function_exists($name->getLast()) ? null : "there is no function {$name}()";
    }
    if ($node instanceof Expr\StaticCall && $node->class instanceof Name && $node->name instanceof Identifier) {
        return missingClass($node->class, $own) ?? missingMethod($node->class, $node->name->toString(), $own);
    }
    if ($node instanceof Expr\ClassConstFetch && $node->class instanceof Name) {
        return missingClass($node->class, $own);
    }
    if ($node instanceof Expr\New_ && $node->class instanceof Name) {
        return missingClass($node->class, $own);
    }
    if ($node instanceof Node\Attribute) {
        return missingClass($node->name, $own);
    }
    if ($node instanceof Stmt\Class_) {
        foreach (array_filter([$node->extends, ...$node->implements]) as $name) {
            $fault ??= missingClass($name, $own);
        }
    }

    return $fault ?? null;
}

/** @param  list<string>  $own */
function missingClass(Name $name, array $own): ?string
{
    $class = ltrim($name->toString(), '\\');
    if ($name->isSpecialClassName() || in_array(strtolower($class), $own, true) || isOfApplication($class)) {
        return null;
    }

    return class_exists($class) || interface_exists($class) || trait_exists($class) || enum_exists($class) ? null : "there is no {$class}";
}

/** @param  list<string>  $own */
function missingMethod(Name $name, string $method, array $own): ?string
{
    $class = ltrim($name->toString(), '\\');
    if ($name->isSpecialClassName() || in_array(strtolower($class), $own, true) || isOfApplication($class) || method_exists($class, $method)) {
        return null;
    }
    if (is_subclass_of($class, Facade::class) && hasMethod($class::getFacadeRoot(), $method)) {
        return null;
    }
    if (method_exists($class, 'hasMacro') && $class::hasMacro($method)) {
        return null;
    }

    return "there is no {$class}::{$method}()";
}

/** Whether the object behind a facade has it, or one that it forwards calls to. */
function hasMethod(mixed $object, string $method): bool
{
    if (! is_object($object) || method_exists($object, $method)) {
        return is_object($object);
    }
    foreach (['driver', 'connection', 'store', 'guard'] as $forwarded) {
        try {
            if (method_exists($object, $forwarded) && method_exists($object->{$forwarded}(), $method)) {
                return true;
            }
        } catch (Throwable) {
        }
    }

    return method_exists($object, 'hasMacro') && $object::hasMacro($method);
}

/** Classes that the reader has, such as App\Models\User; those of other packages are not installed here. */
function isOfApplication(string $class): bool
{
    return str_starts_with($class, 'App\\');
}
