<x-layout :assets="['resources/css/app.css']">
    <main class="enter">
        <img src="/favicon.svg" alt="" width="56" height="56">
        <h1>Come in</h1>
        <p>One room, no password. What shall the others call you?</p>
        <form method="post" action="/session">
            @csrf
            <input name="name" value="{{ old('name') }}" maxlength="40" placeholder="Your name" aria-label="Your name"
                   autocomplete="nickname" required autofocus>
            <button class="primary">Enter</button>
        </form>
        @error('*')
            <p class="fault" role="alert">{{ $message }}</p>
        @enderror
    </main>
</x-layout>
