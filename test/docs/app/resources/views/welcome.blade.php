<!DOCTYPE html>
<title>Laravel</title>
@vite(['resources/css/app.css', 'resources/js/app.js'])
